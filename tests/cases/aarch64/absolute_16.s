# R_AARCH64_ABS16 holds 16 bits that may be read as signed or unsigned.
# RUN: -noexec -abs target=0xffffffffffff8000
# CHECK: *{2}main = 0x8000
# RUN: -noexec -abs target=0xffff
# CHECK: *{2}main = 0xffff
# RUN: -noexec -abs target=0x12
# CHECK: *{2}main = 0x12
# RUN: -noexec -abs target=0xffffffffffff7fff
# FAILS: out of range of
# RUN: -noexec -abs target=0x10000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	.hword target
	.fill 4, 4, 0xd503201f
