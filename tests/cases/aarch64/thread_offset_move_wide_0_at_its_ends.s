# R_AARCH64_TLSLE_MOVW_TPREL_G0 takes the offset from the thread pointer from -0x10000 to 0xffff.
# RUN: -noexec
# CHECK: *{4}main = 0xd29fffe0
# CHECK: *{4}(main + 4) = 0x929fffe0
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:tprel_g0:image + 0xffef
	movz x0, #:tprel_g0:image - 0x10010
	ret
	.section .text.too_far,"ax",%progbits
too_far:
	movz x0, #:tprel_g0:image + 0xfff0
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.xword 1
