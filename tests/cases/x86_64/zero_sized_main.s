# A function whose size nobody told can be called.
# RUN: -noexec
# CHECK: *{8}pointer = main
# KERNEL
	.text
	.globl main
main:
	xorl %eax, %eax
	ret
	.data
	.p2align 3
	.globl pointer
pointer:
	.quad main
