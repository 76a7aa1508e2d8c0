# Constructors that run before all others do so here, too, whatever the priorities of the others.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	subl $1234, log(%rip)
	movl log(%rip), %eax
	ret
	.irp digit, 1, 2, 3, 4
	.type note\digit, @function
note\digit:
	imull $10, log(%rip), %eax
	addl $\digit, %eax
	movl %eax, log(%rip)
	ret
	.endr
	.section .init_array,"aw",@init_array
	.p2align 3
	.quad note4
	.section .init_array.0,"aw",@init_array
	.p2align 3
	.quad note3
	.section .preinit_array,"aw",@preinit_array
	.p2align 3
	.quad note1
	.quad note2
	.data
	.p2align 2
log:
	.long 0
