# A local label in a mergeable section is a section symbol and an addend: it leads to the right string.
# RUN: -noexec
# CHECK: *{1}(*{8}pointer) = 0x73
	.section .rodata.str1.1,"aMS",@progbits,1
	.asciz "first"
.Lsecond:
	.asciz "second"
	.data
	.p2align 3
	.globl pointer
pointer:
	.quad .Lsecond
