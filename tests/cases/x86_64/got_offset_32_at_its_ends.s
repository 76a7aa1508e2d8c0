# R_X86_64_GOT32 takes signed distances of 32 bits from the GOT's start.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{4}main = 0x7fffffff
# CHECK: *{4}(main + 4) = 0x80000000
# RUN: -noexec -no-gc-sections -abs target=0x7fff00000000
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.long target@GOT + 0x7fffffff
	.long target@GOT - 0x80000000
	ret
	.section .text.too_far,"ax",@progbits
too_far:
	.long target@GOT + 0x80000000
	ret
