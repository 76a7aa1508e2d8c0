# R_AARCH64_MOVW_GOTOFF_G2 and G2_NC hold quarter 2 of the distance from the GOT's start to the entry.
# RELOCATION: 267 becomes 304
# RELOCATION: 268 becomes 305
# RUN: -noexec -abs other=0x7fff00000000 -abs target=0x7fff00000010
# CHECK: got_addr(got_move_wide_2.o, target) = _GLOBAL_OFFSET_TABLE_ + 8
# CHECK: *{4}(main + 8) = 0xd2c00000
# CHECK: *{4}(main + 12) = 0xf2c00000
# CHECK: *{4}(main + 16) = 0xd2dfffe0
# CHECK: *{4}(main + 20) = 0x92dfffe0
# CHECK: *{4}(main + 24) = 0xf2c468a0
# RUN: -noexec -abs other=0x7fff00000000 -abs target=0x7fff00000010 -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g2:target
	movk x0, #:abs_g2_nc:target
	movz x0, #:abs_g2:target + 0xfffffffffff7
	movz x0, #:abs_g2:target - 0x1000000000008
	movk x0, #:abs_g2_nc:target + 0x1234500000000
	ret
	.section .text.too_far,"ax",%progbits
	.type too_far, %function
too_far:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g2:target + 0x1000000000000
	ret
