# R_AARCH64_TLSGD_ADR_PREL21 leads to two GOT words by their distance.
# RELOCATION: 274 becomes 512
# RUN: -noexec
# CHECK: *{8}((0x10000000 + ((main + ((*{4}main)[30:29]) + ((*{4}main)[23:5] << 2))[20:0]))) = 1
# CHECK: *{8}((0x10000000 + ((main + ((*{4}main)[30:29]) + ((*{4}main)[23:5] << 2))[20:0])) + 8) = 0x1238
	.text
	.globl main
	.type main, %function
main:
	adr x0, variable
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
