	.data
	.xword 0
	.globl shared
shared:
	.xword 2
