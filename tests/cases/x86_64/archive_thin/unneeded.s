	.data
	.globl unneeded
unneeded:
	.quad 0
