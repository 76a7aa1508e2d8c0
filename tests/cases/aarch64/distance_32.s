# R_AARCH64_PREL32 holds a distance of 32 bits that may be read as signed or unsigned.
# RUN: -noexec -abs target=0xffffffff90000000
# CHECK: *{4}main = 0x80000000
# RUN: -noexec -abs target=0x10fffffff
# CHECK: *{4}main = 0xffffffff
# RUN: -noexec -abs target=0x10000012
# CHECK: *{4}main = 0x12
# RUN: -noexec -abs target=0xffffffff8fffffff
# FAILS: out of range of
# RUN: -noexec -abs target=0x110000000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	.word target - .
	.fill 4, 4, 0xd503201f
