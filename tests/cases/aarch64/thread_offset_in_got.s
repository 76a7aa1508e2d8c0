# R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21 and LD64_GOTTPREL_LO12_NC lead to a GOT entry that holds the offset from the thread pointer.
# RUN: -noexec
# CHECK: *{8}(((((main[32:12]) + ((*{4}main)[30:29]) + ((*{4}main)[23:5] << 2)) << 12)[32:0]) + (((*{4}(main + 4))[21:10]) << 3)) = 0x1248
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :gottprel:variable
	ldr x0, [x0, :gottprel_lo12:variable]
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
