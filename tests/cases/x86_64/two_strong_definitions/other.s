	.data
	.quad 0
	.globl shared
shared:
	.quad 2
