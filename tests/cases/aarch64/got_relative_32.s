# R_AARCH64_GOTREL32 holds the distance from the GOT's start to the target in 32 bits.
# RELOCATION: 261 becomes 308
# RUN: -noexec
# CHECK: *{4}main = (here - _GLOBAL_OFFSET_TABLE_)[31:0]
	.text
	.globl main
	.type main, %function
main:
	.word here - .
	ret
	.data
	.globl here
here:
	.xword 0
