# R_X86_64_GOTPC32 holds the distance to the GOT's start.
# RELOCATION: 2 becomes 26
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{4}main = (_GLOBAL_OFFSET_TABLE_ - main)[31:0]
	.text
	.globl main
	.type main, @function
main:
	.long _GLOBAL_OFFSET_TABLE_ - .
	.fill 16, 1, 0x90
