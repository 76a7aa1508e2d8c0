# R_AARCH64_TLSLD_ADD_DTPREL_LO12_NC adds the low twelve bits of the offset from the block.
# RUN: -noexec
# CHECK: *{4}main = 0x9108e000
	.text
	.globl main
	.type main, %function
main:
	add x0, x0, :dtprel_lo12_nc:variable
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
