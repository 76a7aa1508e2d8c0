# R_AARCH64_LD64_GOTOFF_LO15 takes distances from the GOT's start from 0 to 0x7ff8.
# RELOCATION: 313 becomes 310
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: (*{4}main)[21:10] = 0xfff
# CHECK: (*{4}(main + 4))[21:10] = 0
# RUN: -noexec -no-gc-sections -abs target=0x7fff00000000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	ldr x0, [x0, :gotpage_lo15:target + 0x7ff8]
	ldr x0, [x0, :gotpage_lo15:target]
	ret
	.section .text.too_far,"ax",%progbits
too_far:
	ldr x0, [x0, :gotpage_lo15:target + 0x8000]
	ret
