# R_AARCH64_MOVW_UABS_G1 takes quarter 1 of an address that has no higher bits.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xd2a00000
# RUN: -noexec -abs target=0xffffffff
# CHECK: *{4}main = 0xd2bfffe0
# RUN: -noexec -abs target=0x100000000
# FAILS: out of range of
# RUN: -noexec -abs target=0xffffffffffffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g1:target
	ret
