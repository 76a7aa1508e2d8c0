# With -phony-externals nothing is missing.
# RUN: -noexec -phony-externals
# CHECK: *{8}pointer = 0
	.data
	.globl pointer
pointer:
	.xword nowhere
