# R_AARCH64_MOVW_UABS_G2 takes quarter 2 of an address that has no higher bits.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xd2c00000
# RUN: -noexec -abs target=0xffffffffffff
# CHECK: *{4}main = 0xd2dfffe0
# RUN: -noexec -abs target=0x1000000000000
# FAILS: out of range of
# RUN: -noexec -abs target=0xffffffffffffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g2:target
	ret
