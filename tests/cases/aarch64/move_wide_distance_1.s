# R_AARCH64_MOVW_PREL_G1 turns MOVZ into MOVN for a negative distance.
# RUN: -noexec -abs target=0x10120000
# CHECK: *{4}main = 0xd2a00240
# RUN: -noexec -abs target=0x10fffffff
# CHECK: *{4}main = 0xd2bfffe0
# RUN: -noexec -abs target=0xffffffff10000000
# CHECK: *{4}main = 0x92bfffe0
# RUN: -noexec -abs target=0xfffffff
# CHECK: *{4}main = 0x92a00000
# RUN: -noexec -abs target=0x110000000
# FAILS: out of range of
# RUN: -noexec -abs target=0xffffffff0fffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:prel_g1:target
	ret
