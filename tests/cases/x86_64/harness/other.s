	.data
	.globl pointer, replaced
pointer:
	.quad local, replaced
	.type local, @object
local:
	.quad 1
replaced:
	.quad 3
