	.text
	.irp digit, 2, 4, 6
	.type note\digit, @function
note\digit:
	imull $10, log(%rip), %eax
	addl $\digit, %eax
	movl %eax, log(%rip)
	ret
	.endr
	.section .init_array,"aw",@init_array
	.p2align 3
	.quad note6
	.section .init_array.200,"aw",@init_array
	.p2align 3
	.quad note4
	.section .init_array.10,"aw",@init_array
	.p2align 3
	.quad note2
