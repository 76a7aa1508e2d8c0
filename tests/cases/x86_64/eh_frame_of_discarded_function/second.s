	.section .text.shared,"axG",@progbits,shared,comdat
	.weak shared
	.type shared, @function
shared:
	.cfi_startproc
	nop
	.cfi_endproc
	.text
	.globl kept
	.type kept, @function
kept:
	.cfi_startproc
	nop
	.cfi_endproc
