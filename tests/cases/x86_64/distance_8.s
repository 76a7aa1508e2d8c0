# R_X86_64_PC8 holds a signed distance of 8 bits.
# RUN: -noexec -abs target=0xfffff80
# CHECK: *{1}main = 0x80
# RUN: -noexec -abs target=0x1000007f
# CHECK: *{1}main = 0x7f
# RUN: -noexec -abs target=0x10000012
# CHECK: *{1}main = 0x12
# RUN: -noexec -abs target=0xfffff7f
# FAILS: out of range of
# RUN: -noexec -abs target=0x10000080
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.byte target - .
	.fill 16, 1, 0x90
