# R_AARCH64_MOVW_UABS_G2_NC takes quarter 2 of any address.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xf2c00000
# RUN: -noexec -abs target=0x123456789abcdef0
# CHECK: *{4}main = 0xf2cacf00
# RUN: -noexec -abs target=0xffffffffffffffff
# CHECK: *{4}main = 0xf2dfffe0
	.text
	.globl main
	.type main, %function
main:
	movk x0, #:abs_g2_nc:target
	ret
