	.data
	.globl used
used:
	.quad 0
