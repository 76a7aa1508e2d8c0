# R_AARCH64_MOVW_GOTOFF_G3 holds quarter 3 of the distance from the GOT's start to the entry.
# RELOCATION: 269 becomes 306
# RUN: -noexec -abs target=0x7fff00000010
# CHECK: *{4}main = 0xd2e00000
# CHECK: *{4}(main + 4) = 0xd2e24680
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g3:target
	movz x0, #:abs_g3:target + 0x1234000000000000
	ret
