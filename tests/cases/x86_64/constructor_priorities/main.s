# Constructors run in the order of their priorities, those without one last, and those alike in the order of the objects.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	subl $123456, log(%rip)
	movl log(%rip), %eax
	ret
	.irp digit, 1, 3, 5
	.type note\digit, @function
note\digit:
	imull $10, log(%rip), %eax
	addl $\digit, %eax
	movl %eax, log(%rip)
	ret
	.endr
	.section .init_array,"aw",@init_array
	.p2align 3
	.quad note5
	.section .init_array.200,"aw",@init_array
	.p2align 3
	.quad note3
	.section .init_array.00010,"aw",@init_array
	.p2align 3
	.quad note1
	.data
	.p2align 2
	.globl log
log:
	.long 0
