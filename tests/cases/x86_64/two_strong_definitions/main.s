# A second strong definition is an error that names both places.
# RUN: -noexec
# FAILS: x86_64/two_strong_definitions.other.o: .data+0x8: `shared` is already defined at x86_64/two_strong_definitions.main.o: .data+0x0
	.data
	.globl shared
shared:
	.quad 1
