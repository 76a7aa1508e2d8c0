# R_AARCH64_MOVW_GOTOFF_G1 and G1_NC hold quarter 1 of the distance from the GOT's start to the entry.
# RELOCATION: 265 becomes 302
# RELOCATION: 266 becomes 303
# RUN: -noexec -abs other=0x7fff00000000 -abs target=0x7fff00000010
# CHECK: got_addr(got_move_wide_1.o, target) = _GLOBAL_OFFSET_TABLE_ + 8
# CHECK: *{4}(main + 8) = 0xd2a00000
# CHECK: *{4}(main + 12) = 0xf2a00000
# CHECK: *{4}(main + 16) = 0xd2bfffe0
# CHECK: *{4}(main + 20) = 0x92bfffe0
# CHECK: *{4}(main + 24) = 0xf2a468a0
# RUN: -noexec -abs other=0x7fff00000000 -abs target=0x7fff00000010 -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g1:target
	movk x0, #:abs_g1_nc:target
	movz x0, #:abs_g1:target + 0xfffffff7
	movz x0, #:abs_g1:target - 0x100000008
	movk x0, #:abs_g1_nc:target + 0x123450000
	ret
	.section .text.too_far,"ax",%progbits
	.type too_far, %function
too_far:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g1:target + 0x100000000
	ret
