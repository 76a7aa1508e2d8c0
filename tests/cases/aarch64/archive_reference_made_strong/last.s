	.data
	.globl optional
optional:
	.xword 1
