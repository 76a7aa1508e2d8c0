# R_AARCH64_MOVW_SABS_G0 turns MOVZ into MOVN for a negative number.
# RUN: -noexec -abs target=0x12
# CHECK: *{4}main = 0xd2800240
# RUN: -noexec -abs target=0xffff
# CHECK: *{4}main = 0xd29fffe0
# RUN: -noexec -abs target=0xffffffffffff0000
# CHECK: *{4}main = 0x929fffe0
# RUN: -noexec -abs target=0xffffffffffffffff
# CHECK: *{4}main = 0x92800000
# RUN: -noexec -abs target=0x10000
# FAILS: out of range of
# RUN: -noexec -abs target=0xfffffffffffeffff
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g0_s:target
	ret
