# R_AARCH64_ADD_ABS_LO12_NC adds the offset in a page.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0x91000000
# RUN: -noexec -abs target=0xfff
# CHECK: *{4}main = 0x913ffc00
# RUN: -noexec -abs target=0x123456789abcdef0
# CHECK: *{4}main = 0x913bc000
	.text
	.globl main
	.type main, %function
main:
	add x0, x0, :lo12:target
	ret
