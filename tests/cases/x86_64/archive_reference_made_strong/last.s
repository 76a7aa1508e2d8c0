	.data
	.globl optional
optional:
	.quad 1
