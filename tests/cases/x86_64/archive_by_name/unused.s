	.data
	.globl unused
unused:
	.quad 0
