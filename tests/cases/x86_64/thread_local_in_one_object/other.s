	.data
	.weak shared
	.type shared, @object
shared:
	.quad 1
