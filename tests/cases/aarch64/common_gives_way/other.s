	.data
	.globl shared
shared:
	.xword 7
