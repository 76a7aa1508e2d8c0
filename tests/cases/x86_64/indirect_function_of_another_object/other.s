	.text
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
	.globl others_pointer
others_pointer:
	.quad chosen
