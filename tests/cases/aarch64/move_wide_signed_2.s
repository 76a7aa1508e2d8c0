# R_AARCH64_MOVW_SABS_G2 turns MOVZ into MOVN for a negative number.
# RUN: -noexec -abs target=0x1200000000
# CHECK: *{4}main = 0xd2c00240
# RUN: -noexec -abs target=0xffffffffffff
# CHECK: *{4}main = 0xd2dfffe0
# RUN: -noexec -abs target=0xffff000000000000
# CHECK: *{4}main = 0x92dfffe0
# RUN: -noexec -abs target=0xffffffffffffffff
# CHECK: *{4}main = 0x92c00000
# RUN: -noexec -abs target=0x1000000000000
# FAILS: out of range of
# RUN: -noexec -abs target=0xfffeffffffffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g2_s:target
	ret
