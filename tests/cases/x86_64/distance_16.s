# R_X86_64_PC16 holds a signed distance of 16 bits.
# RUN: -noexec -abs target=0xfff8000
# CHECK: *{2}main = 0x8000
# RUN: -noexec -abs target=0x10007fff
# CHECK: *{2}main = 0x7fff
# RUN: -noexec -abs target=0x10000012
# CHECK: *{2}main = 0x12
# RUN: -noexec -abs target=0xfff7fff
# FAILS: out of range of
# RUN: -noexec -abs target=0x10008000
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.short target - .
	.fill 16, 1, 0x90
