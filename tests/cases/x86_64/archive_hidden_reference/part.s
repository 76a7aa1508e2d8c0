	.data
	.globl within
within:
	.quad 7
