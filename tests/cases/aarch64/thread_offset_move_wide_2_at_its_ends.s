# R_AARCH64_TLSLE_MOVW_TPREL_G2 takes the offset from the thread pointer from -0x1000000000000 to 0xffffffffffff.
# RUN: -noexec
# CHECK: *{4}main = 0xd2dfffe0
# CHECK: *{4}(main + 4) = 0x92dfffe0
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:tprel_g2:image + 0xffffffffffef
	movz x0, #:tprel_g2:image - 0x1000000000010
	ret
	.section .text.too_far,"ax",%progbits
too_far:
	movz x0, #:tprel_g2:image + 0xfffffffffff0
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.xword 1
