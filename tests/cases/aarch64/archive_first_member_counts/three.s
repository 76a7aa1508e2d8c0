	.data
	.globl chosen
chosen:
	.quad 3
