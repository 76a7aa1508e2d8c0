# Of a GNU unique symbol's definitions the first counts.
# RUN: -noexec
# CHECK: *{8}shared = 1
# CHECK: *{8}there = shared
	.data
	.p2align 3
	.type shared, %gnu_unique_object
shared:
	.xword 1
