# R_AARCH64_ABS32 holds 32 bits that may be read as signed or unsigned.
# RUN: -noexec -abs target=0xffffffff80000000
# CHECK: *{4}main = 0x80000000
# RUN: -noexec -abs target=0xffffffff
# CHECK: *{4}main = 0xffffffff
# RUN: -noexec -abs target=0x12
# CHECK: *{4}main = 0x12
# RUN: -noexec -abs target=0xffffffff7fffffff
# FAILS: out of range of
# RUN: -noexec -abs target=0x100000000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	.word target
	.fill 4, 4, 0xd503201f
