# R_AARCH64_MOVW_PREL_G2_NC takes quarter 2 of any distance.
# RUN: -noexec -abs target=0x10000000
# CHECK: *{4}main = 0xf2c00000
# RUN: -noexec -abs target=0x12345678aabcdef0
# CHECK: *{4}main = 0xf2cacf00
# RUN: -noexec -abs target=0xfffffff
# CHECK: *{4}main = 0xf2dfffe0
	.text
	.globl main
	.type main, %function
main:
	movk x0, #:prel_g2_nc:target
	ret
