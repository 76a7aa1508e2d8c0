	.data
	.globl pointer
	.hidden pointer
	.type pointer, %object
pointer:
	.quad main + 8
