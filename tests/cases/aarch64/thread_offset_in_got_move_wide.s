# R_AARCH64_TLSIE_MOVW_GOTTPREL_G1 and G0_NC hold the distance from the GOT's start to the entry, which holds the offset from the thread pointer.
# RELOCATION: 265 becomes 539
# RELOCATION: 264 becomes 540
# RUN: -noexec -abs other=0x7fff00000000
# CHECK: *{4}(main + 8) = 0xd2a00000
# CHECK: *{4}(main + 12) = 0xf2800100
# CHECK: *{8}(_GLOBAL_OFFSET_TABLE_ + 8) = 4680
# CHECK: *{4}(main + 16) = 0xd2bfffe0
# CHECK: *{4}(main + 20) = 0x92bfffe0
# RUN: -noexec -abs other=0x7fff00000000 -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g1:variable
	movk x0, #:abs_g0_nc:variable
	movz x0, #:abs_g1:variable + 0xfffffff7
	movz x0, #:abs_g1:variable - 0x100000008
	ret
	.section .text.too_far,"ax",%progbits
	.type too_far, %function
too_far:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g1:variable + 0xfffffff8
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
