# R_X86_64_DTPOFF32 takes signed offsets of 32 bits in the block.
# RUN: -noexec
# CHECK: *{4}main = 0x7fffffff
# CHECK: *{4}(main + 4) = 0x80000000
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.long image@dtpoff + 0x7fffffff
	.long image@dtpoff - 0x80000000
	ret
	.section .text.too_far,"ax",@progbits
too_far:
	.long image@dtpoff + 0x80000000
	ret
	.section .tdata,"awT",@progbits
	.p2align 4
	.globl image
	.type image, @object
image:
	.quad 1, 2
