	.data
	.p2align 3
	.weak shared
shared:
	.xword 2
	.globl there
there:
	.xword shared
