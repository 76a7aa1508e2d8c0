# R_AARCH64_MOVW_UABS_G0 takes an address of 16 bits.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xd2800000
# RUN: -noexec -abs target=0xffff
# CHECK: *{4}main = 0xd29fffe0
# RUN: -noexec -abs target=0x10000
# FAILS: out of range of
# RUN: -noexec -abs target=0xffffffffffffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g0:target
	ret
