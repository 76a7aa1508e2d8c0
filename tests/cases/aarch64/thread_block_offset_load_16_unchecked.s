# R_AARCH64_TLSLD_LDST16_DTPREL_LO12_NC takes the low twelve bits of the offset from the block, scaled.
# RUN: -noexec
# CHECK: *{4}main = 0x79447000
	.text
	.globl main
	.type main, %function
main:
	ldrh w0, [x0, :dtprel_lo12_nc:variable]
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
