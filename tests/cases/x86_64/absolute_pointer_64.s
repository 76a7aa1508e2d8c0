# R_X86_64_64 holds any address.
# RUN: -noexec -abs target=0xfedcba9876543210
# CHECK: *{8}pointer = target + 8
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	xorl %eax, %eax
	ret
	.data
	.globl pointer
pointer:
	.quad target + 8
	.weak target
