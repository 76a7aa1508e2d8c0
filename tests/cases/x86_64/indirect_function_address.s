# The address of an indirect function is one and the same, however it is taken, and can be called.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	subq $8, %rsp
	leaq chosen(%rip), %rcx
	movl $1, %eax
	cmpq %rcx, pointer(%rip)
	jne 1f
	movl $2, %eax
	cmpq %rcx, constant(%rip)
	jne 1f
	movabsq $chosen, %rdx
	movl $3, %eax
	cmpq %rcx, %rdx
	jne 1f
	call *%rcx
	subl $42, %eax
1:	addq $8, %rsp
	ret
	.globl chosen
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
	.section .data.rel.ro,"aw",@progbits
	.p2align 3
constant:
	.quad chosen
