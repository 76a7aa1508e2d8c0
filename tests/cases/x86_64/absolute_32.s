# R_X86_64_32 holds an unsigned number of 32 bits.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0x0
# RUN: -noexec -abs target=0xffffffff
# CHECK: *{4}main = 0xffffffff
# RUN: -noexec -abs target=0x12
# CHECK: *{4}main = 0x12
# RUN: -noexec -abs target=0xffffffffffffffff
# FAILS: out of range of
# RUN: -noexec -abs target=0x100000000
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.long target
	.fill 16, 1, 0x90
