	.text
	.globl third
	.type third, %function
third:
	.cfi_startproc
	nop
	.cfi_endproc
