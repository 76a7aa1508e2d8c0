	.data
	.globl chosen
chosen:
	.quad 2
