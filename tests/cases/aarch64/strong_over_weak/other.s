	.data
	.p2align 3
	.globl shared
	.type shared, %object
shared:
	.xword 2
	.globl there
there:
	.xword shared
