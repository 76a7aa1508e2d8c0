# R_X86_64_TPOFF32 takes signed offsets of 32 bits from the thread pointer.
# RUN: -noexec
# CHECK: *{4}main = 0x7fffffff
# CHECK: *{4}(main + 4) = 0x80000000
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.long image@tpoff + 0x8000000f
	.long image@tpoff - 0x7ffffff0
	ret
	.section .text.too_far,"ax",@progbits
too_far:
	.long image@tpoff + 0x80000010
	ret
	.section .tdata,"awT",@progbits
	.p2align 4
	.globl image
	.type image, @object
image:
	.quad 1, 2
