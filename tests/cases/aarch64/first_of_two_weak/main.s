# Of two weak definitions the first counts, for both objects.
# RUN: -noexec
# CHECK: *{8}shared = 1
# CHECK: *{8}there = shared
	.data
	.p2align 3
	.weak shared
shared:
	.xword 1
