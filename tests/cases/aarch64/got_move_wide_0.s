# R_AARCH64_MOVW_GOTOFF_G0 and G0_NC hold quarter 0 of the distance from the GOT's start to the entry.
# RELOCATION: 263 becomes 300
# RELOCATION: 264 becomes 301
# RUN: -noexec -abs other=0x7fff00000000 -abs target=0x7fff00000010
# CHECK: got_addr(got_move_wide_0.o, target) = _GLOBAL_OFFSET_TABLE_ + 8
# CHECK: *{4}(main + 8) = 0xd2800100
# CHECK: *{4}(main + 12) = 0xf2800100
# CHECK: *{4}(main + 16) = 0xd29fffe0
# CHECK: *{4}(main + 20) = 0x929fffe0
# CHECK: *{4}(main + 24) = 0xf28469a0
# RUN: -noexec -abs other=0x7fff00000000 -abs target=0x7fff00000010 -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g0:target
	movk x0, #:abs_g0_nc:target
	movz x0, #:abs_g0:target + 0xfff7
	movz x0, #:abs_g0:target - 0x10008
	movk x0, #:abs_g0_nc:target + 0x12345
	ret
	.section .text.too_far,"ax",%progbits
	.type too_far, %function
too_far:
	adrp x0, :got:other
	ldr x0, [x0, :got_lo12:other]
	movz x0, #:abs_g0:target + 0x10000
	ret
