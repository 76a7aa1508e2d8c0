# R_AARCH64_TLSLE_LDST8_TPREL_LO12 takes an offset from the thread pointer that has twelve bits.
# RUN: -noexec
# CHECK: *{4}main = 0x39404000
	.text
	.globl main
	.type main, %function
main:
	ldrb w0, [x0, :tprel_lo12:image]
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
