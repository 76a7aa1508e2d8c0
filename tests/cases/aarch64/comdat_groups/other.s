	.section .data.shared,"awG",%progbits,group,comdat
	.p2align 3
	.weak shared
shared:
	.xword 2
	.section .data.member,"awG",%progbits,group,comdat
	.p2align 3
	.weak member
member:
	.xword 4
	.data
	.p2align 3
	.globl there
there:
	.xword shared
