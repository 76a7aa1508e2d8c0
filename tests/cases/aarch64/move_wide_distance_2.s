# R_AARCH64_MOVW_PREL_G2 turns MOVZ into MOVN for a negative distance.
# RUN: -noexec -abs target=0x1210000000
# CHECK: *{4}main = 0xd2c00240
# RUN: -noexec -abs target=0x100000fffffff
# CHECK: *{4}main = 0xd2dfffe0
# RUN: -noexec -abs target=0xffff000010000000
# CHECK: *{4}main = 0x92dfffe0
# RUN: -noexec -abs target=0xfffffff
# CHECK: *{4}main = 0x92c00000
# RUN: -noexec -abs target=0x1000010000000
# FAILS: out of range of
# RUN: -noexec -abs target=0xffff00000fffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:prel_g2:target
	ret
