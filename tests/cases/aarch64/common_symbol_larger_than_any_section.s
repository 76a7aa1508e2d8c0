# A common symbol may be as large as a section, and no larger.
# PATCH: st_size of shared = 0x1000000000000
# RUN: -noexec
# FAILS: common_symbol_larger_than_any_section.o: damaged: `shared` asks for 0x1000000000000 bytes; write the file again
	.comm shared, 8, 8
	.data
	.globl main
main:
	.quad shared
