	.comm shared, 32, 64
	.data
	.globl there
there:
	.xword shared
