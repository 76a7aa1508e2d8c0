# A strong definition takes the place of a weak one that came before it, for both objects.
# RUN: -noexec
# CHECK: *{8}shared = 2
# CHECK: *{8}here = shared
# CHECK: *{8}there = shared
	.data
	.p2align 3
	.weak shared
	.type shared, @object
shared:
	.quad 1
	.globl here
here:
	.quad shared
