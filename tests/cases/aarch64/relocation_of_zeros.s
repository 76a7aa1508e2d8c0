# A section without content has no bytes that a relocation could change.
# PATCH: sh_type of .data = 8
# RUN: -noexec
# FAILS: relocation_of_zeros.o: .data+0x0: damaged: R_AARCH64_ABS64 against `target` writes past the section's 0x0 bytes
	.data
	.globl main
main:
	.quad target
