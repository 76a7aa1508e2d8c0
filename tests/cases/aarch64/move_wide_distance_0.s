# R_AARCH64_MOVW_PREL_G0 turns MOVZ into MOVN for a negative distance.
# RUN: -noexec -abs target=0x10000012
# CHECK: *{4}main = 0xd2800240
# RUN: -noexec -abs target=0x1000ffff
# CHECK: *{4}main = 0xd29fffe0
# RUN: -noexec -abs target=0xfff0000
# CHECK: *{4}main = 0x929fffe0
# RUN: -noexec -abs target=0xfffffff
# CHECK: *{4}main = 0x92800000
# RUN: -noexec -abs target=0x10010000
# FAILS: out of range of
# RUN: -noexec -abs target=0xffeffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:prel_g0:target
	ret
