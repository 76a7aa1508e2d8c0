	.comm shared, 32, 64
	.data
	.globl there
there:
	.quad shared
