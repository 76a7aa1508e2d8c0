	.data
	.globl chosen
chosen:
	.quad 1
