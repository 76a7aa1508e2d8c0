# PATCH: sh_flags of .data = 7
	.data
	.globl other
other:
	.quad 0
