# A common symbol states its alignment, a power of two.
# PATCH: st_value of shared = 3
# RUN: -noexec
# FAILS: common_symbol_with_odd_alignment.o: damaged: `shared` asks for alignment 0x3; write the file again
	.comm shared, 8, 8
	.data
	.globl main
main:
	.quad shared
