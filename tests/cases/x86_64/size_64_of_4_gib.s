# Sizes of symbols are kept below 4 GiB: what is computed from a larger one is refused, and the symbol may be there.
# RUN: -noexec
# FAILS: sizes above 0xfffffffe bytes are not kept; declare what is so large in parts
	.text
	.globl main
	.type main, @function
main:
	.quad sized@SIZE
	.data
	.globl sized
	.type sized, @object
sized:
	.zero 24
	.size sized, 0x100000000
