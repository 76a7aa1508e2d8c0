# Absolute symbols have their values in a program, wherever it lies: they are not moved with it.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	movabsq $fixed, %rax
	subq pointer(%rip), %rax
	addq $local, %rax
	subq $0x77, %rax
	ret
	.globl fixed
	.set fixed, 0x123456789abcdef0
	.set local, 0x77
	.data
	.p2align 3
pointer:
	.quad fixed
