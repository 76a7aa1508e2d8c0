	.data
	.p2align 3
	.type shared, %gnu_unique_object
shared:
	.xword 2
	.globl there
there:
	.xword shared
