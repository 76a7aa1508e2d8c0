	.data
	.p2align 3
	.weak shared
shared:
	.quad 2
	.globl there
there:
	.quad shared
