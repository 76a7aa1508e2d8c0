	.data
	.globl within
within:
	.xword 7
