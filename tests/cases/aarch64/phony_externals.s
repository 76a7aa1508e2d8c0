# With -phony-externals nothing is missing, hidden or not.
# RUN: -noexec -phony-externals
# CHECK: *{8}pointer = 0
# CHECK: *{8}(pointer + 8) = 0
	.data
	.globl pointer
pointer:
	.xword nowhere
	.xword hidden_nowhere
	.hidden hidden_nowhere
