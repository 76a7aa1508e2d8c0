# A common symbol of 4 GiB is refused, as the sizes of symbols are told no further.
# PATCH: st_size of shared = 0x100000000
# RUN: -noexec
# FAILS: common_symbol_of_4_gib.o: `shared` asks for 0x100000000 bytes of common memory, which are more than 0xfffffffe; define it in `.bss`
	.comm shared, 8, 8
	.data
	.globl main
main:
	.quad shared
