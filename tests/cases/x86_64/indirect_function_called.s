# A call of an indirect function is one of what its resolver chose, once it has run.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	subq $8, %rsp
	call chosen
	call chosen@plt
	subl $42, %eax
	addq $8, %rsp
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
