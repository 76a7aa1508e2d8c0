# R_AARCH64_TLSDESC_ADR_PAGE21, LD64_LO12 and ADD_LO12 lead to two GOT words, the second of which holds the offset from the thread pointer; CALL writes nothing.
# RUN: -noexec
# CHECK: *{8}(((((main[32:12]) + ((*{4}main)[30:29]) + ((*{4}main)[23:5] << 2)) << 12)[32:0]) + (((*{4}(main + 4))[21:10]) << 3)) = 0
# CHECK: *{8}(((((main[32:12]) + ((*{4}main)[30:29]) + ((*{4}main)[23:5] << 2)) << 12)[32:0]) + (((*{4}(main + 4))[21:10]) << 3) + 8) = 0x1248
# CHECK: (*{4}(main + 8))[21:10] = (*{4}(main + 4))[21:10] << 3
# CHECK: *{4}(main + 12) = 0xd63f0020
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :tlsdesc:variable
	ldr x1, [x0, :tlsdesc_lo12:variable]
	add x0, x0, :tlsdesc_lo12:variable
	.tlsdesccall variable
	blr x1
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
