# R_AARCH64_TLSLE_MOVW_TPREL_G0 takes quarter 0 of the offset from the thread pointer.
# RUN: -noexec
# CHECK: *{4}main = 0xd2824900
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:tprel_g0:variable
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.zero 0x1238
	.globl variable
	.type variable, %object
variable:
	.xword 2
	.section .tbss,"awT",%nobits
	.globl zeros
	.type zeros, %object
zeros:
	.xword 0
