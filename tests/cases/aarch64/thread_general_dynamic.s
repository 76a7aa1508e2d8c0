# R_AARCH64_TLSGD_ADR_PAGE21 and ADD_LO12_NC lead to two GOT words: the module, and the offset in its block.
# RELOCATION: 562 becomes 513
# RELOCATION: 564 becomes 514
# RUN: -noexec
# CHECK: *{8}(((((main[32:12]) + ((*{4}main)[30:29]) + ((*{4}main)[23:5] << 2)) << 12)[32:0]) + ((*{4}(main + 4))[21:10])) = 1
# CHECK: *{8}(((((main[32:12]) + ((*{4}main)[30:29]) + ((*{4}main)[23:5] << 2)) << 12)[32:0]) + ((*{4}(main + 4))[21:10]) + 8) = 0x1238
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :tlsdesc:variable
	add x0, x0, :tlsdesc_lo12:variable
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
