# R_X86_64_PC32 holds a signed distance of 32 bits.
# RUN: -noexec -abs target=0xffffffff90000000
# CHECK: *{4}main = 0x80000000
# RUN: -noexec -abs target=0x8fffffff
# CHECK: *{4}main = 0x7fffffff
# RUN: -noexec -abs target=0x10000012
# CHECK: *{4}main = 0x12
# RUN: -noexec -abs target=0xffffffff8fffffff
# FAILS: out of range of
# RUN: -noexec -abs target=0x90000000
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.long target - .
	.fill 16, 1, 0x90
