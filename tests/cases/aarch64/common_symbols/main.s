# Common symbols of one name share the memory of the largest, at the greatest alignment, and it is zero.
# RUN: -noexec
# CHECK: shared[5:0] = 0
# CHECK: *{8}(shared + 24) = 0
# CHECK: *{8}there = shared
# CHECK: *{8}here = shared
	.comm shared, 8, 8
	.data
	.globl here
here:
	.xword shared
