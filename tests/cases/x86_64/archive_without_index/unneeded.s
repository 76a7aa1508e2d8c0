	.data
	.globl unneeded
unneeded:
	.quad nowhere
