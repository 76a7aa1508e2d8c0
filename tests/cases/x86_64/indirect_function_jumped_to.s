# A jump to an indirect function, at a call's end, is one to what its resolver chose.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	jmp chosen
	.globl chosen
	.type chosen, @gnu_indirect_function
chosen:
	leaq implementation(%rip), %rax
	ret
	.type implementation, @function
implementation:
	xorl %eax, %eax
	ret
