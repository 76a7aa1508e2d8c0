# An indirect function may be local: its calls and its address are those of what its resolver chose.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	pushq %rbx
	call chosen
	movl %eax, %ebx
	call *pointer(%rip)
	addl %ebx, %eax
	subl $84, %eax
	popq %rbx
	ret
	.type chosen, @gnu_indirect_function
chosen:
	leaq implementation(%rip), %rax
	ret
	.type implementation, @function
implementation:
	movl $42, %eax
	ret
	.data
	.p2align 3
pointer:
	.quad chosen
