# An array of constructors is known by its name, too, where a tool doesn't know the type.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	movl result(%rip), %eax
	ret
constructor:
	movl $0, result(%rip)
	ret
	.section .init_array,"aw",@progbits
	.p2align 3
	.quad constructor
	.data
	.p2align 2
result:
	.long 1
