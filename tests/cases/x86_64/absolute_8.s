# R_X86_64_8 holds 8 bits that may be read as signed or unsigned.
# RUN: -noexec -abs target=0xffffffffffffff80
# CHECK: *{1}main = 0x80
# RUN: -noexec -abs target=0xff
# CHECK: *{1}main = 0xff
# RUN: -noexec -abs target=0x12
# CHECK: *{1}main = 0x12
# RUN: -noexec -abs target=0xffffffffffffff7f
# FAILS: out of range of
# RUN: -noexec -abs target=0x100
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.byte target
	.fill 16, 1, 0x90
