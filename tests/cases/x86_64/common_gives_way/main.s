# A common symbol gives way to a definition.
# RUN: -noexec
# CHECK: *{8}shared = 7
	.comm shared, 8, 8
	.data
	.globl here
here:
	.quad shared
