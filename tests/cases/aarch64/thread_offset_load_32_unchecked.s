# R_AARCH64_TLSLE_LDST32_TPREL_LO12_NC takes the low twelve bits of the offset from the thread pointer, scaled.
# RUN: -noexec
# CHECK: *{4}main = 0xb9424800
	.text
	.globl main
	.type main, %function
main:
	ldr w0, [x0, :tprel_lo12_nc:variable]
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
