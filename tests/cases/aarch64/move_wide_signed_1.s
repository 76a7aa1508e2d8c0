# R_AARCH64_MOVW_SABS_G1 turns MOVZ into MOVN for a negative number.
# RUN: -noexec -abs target=0x120000
# CHECK: *{4}main = 0xd2a00240
# RUN: -noexec -abs target=0xffffffff
# CHECK: *{4}main = 0xd2bfffe0
# RUN: -noexec -abs target=0xffffffff00000000
# CHECK: *{4}main = 0x92bfffe0
# RUN: -noexec -abs target=0xffffffffffffffff
# CHECK: *{4}main = 0x92a00000
# RUN: -noexec -abs target=0x100000000
# FAILS: out of range of
# RUN: -noexec -abs target=0xfffffffeffffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g1_s:target
	ret
