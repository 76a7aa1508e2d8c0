# A distance counts from the fixup, whatever the addend.
# RUN: -noexec -abs target=0xffffffff8fffffc0
# CHECK: *{4}main = 0x80000000
# RUN: -noexec -abs target=0x8fffffbf
# CHECK: *{4}main = 0x7fffffff
# RUN: -noexec -abs target=0xfffffd2
# CHECK: *{4}main = 0x12
# RUN: -noexec -abs target=0xffffffff8fffffbf
# FAILS: out of range of
# RUN: -noexec -abs target=0x8fffffc0
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.long target - . + 0x40
	.fill 16, 1, 0x90
