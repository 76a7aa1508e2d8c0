# Functions that are hidden, internal or protected are called from other objects of the link as any others.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	pushq %rbx
	call hidden
	movl %eax, %ebx
	call internal@plt
	addl %eax, %ebx
	call *protected@GOTPCREL(%rip)
	addl %ebx, %eax
	subl $111, %eax
	popq %rbx
	ret
	.hidden hidden
	.internal internal
