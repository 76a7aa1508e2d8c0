	.data
	.globl shared
shared:
	.quad 7
