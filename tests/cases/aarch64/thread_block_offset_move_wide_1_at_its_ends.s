# R_AARCH64_TLSLD_MOVW_DTPREL_G1 takes the offset in the block from -0x100000000 to 0xffffffff.
# RUN: -noexec
# CHECK: *{4}main = 0xd2bfffe0
# CHECK: *{4}(main + 4) = 0x92bfffe0
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:dtprel_g1:image + 0xffffffff
	movz x0, #:dtprel_g1:image - 0x100000000
	ret
	.section .text.too_far,"ax",%progbits
too_far:
	movz x0, #:dtprel_g1:image + 0x100000000
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.xword 1
