# R_AARCH64_GOTREL64 holds the distance from the GOT's start to the target.
# RELOCATION: 260 becomes 307
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}main = target - _GLOBAL_OFFSET_TABLE_
	.text
	.globl main
	.type main, %function
main:
	.xword target - .
	ret
