# An indirect function that another object defines is the same for both: what its resolver chose, at one address.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	subq $8, %rsp
	call chosen
	leaq -42(%rax), %rcx
	movq pointer(%rip), %rdx
	subq others_pointer(%rip), %rdx
	call *others_pointer(%rip)
	subl $42, %eax
	orl %ecx, %eax
	orl %edx, %eax
	addq $8, %rsp
	ret
	.data
	.p2align 3
pointer:
	.quad chosen
