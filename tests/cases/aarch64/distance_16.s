# R_AARCH64_PREL16 holds a distance of 16 bits that may be read as signed or unsigned.
# RUN: -noexec -abs target=0xfff8000
# CHECK: *{2}main = 0x8000
# RUN: -noexec -abs target=0x1000ffff
# CHECK: *{2}main = 0xffff
# RUN: -noexec -abs target=0x10000012
# CHECK: *{2}main = 0x12
# RUN: -noexec -abs target=0xfff7fff
# FAILS: out of range of
# RUN: -noexec -abs target=0x10010000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	.hword target - .
	.fill 4, 4, 0xd503201f
