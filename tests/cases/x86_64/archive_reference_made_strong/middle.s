	.data
	.globl middle
middle:
	.quad optional
