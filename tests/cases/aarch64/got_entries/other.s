	.data
	.globl second
second:
	.long variable - .
	.long other - .
