# Constructors of older toolchains run among the others: those of a section from last to first, and the greater the number
# in the section's name, the earlier. Words that mark an array's ends are no constructors.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	subl $1234567, log(%rip)
	movl log(%rip), %eax
	ret
	.irp digit, 1, 2, 3, 4, 5, 6, 7
	.type note\digit, @function
note\digit:
	imull $10, log(%rip), %eax
	addl $\digit, %eax
	movl %eax, log(%rip)
	ret
	.endr
	.section .ctors,"aw",@progbits
	.p2align 3
	.quad -1
	.quad note6
	.quad note5
	.quad 0
	.section .init_array,"aw",@init_array
	.p2align 3
	.quad note7
	.section .ctors.65335,"aw",@progbits
	.p2align 3
	.quad note3
	.quad note2
	.section .init_array.200,"aw",@init_array
	.p2align 3
	.quad note4
	.section .ctors.65336,"aw",@progbits
	.p2align 3
	.quad note1
	.data
	.p2align 2
log:
	.long 0
