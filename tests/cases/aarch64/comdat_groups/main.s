# Of groups of one name the first counts, with all its members; what the others refer to in theirs leads to it.
# RUN: -noexec
# CHECK: *{8}shared = 1
# CHECK: *{8}member = 3
# CHECK: *{8}there = shared
	.section .data.shared,"awG",%progbits,group,comdat
	.p2align 3
	.weak shared
shared:
	.xword 1
	.section .data.member,"awG",%progbits,group,comdat
	.p2align 3
	.weak member
member:
	.xword 3
