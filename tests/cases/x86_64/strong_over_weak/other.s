	.data
	.p2align 3
	.globl shared
	.type shared, @object
shared:
	.quad 2
	.globl there
there:
	.quad shared
