	.data
	.p2align 3
	.type shared, @gnu_unique_object
shared:
	.quad 2
	.globl there
there:
	.quad shared
