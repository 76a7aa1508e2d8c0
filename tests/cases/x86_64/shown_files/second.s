	.data
	.globl second
second:
	.quad 0
