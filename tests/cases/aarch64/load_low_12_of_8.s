# R_AARCH64_LDST8_ABS_LO12_NC takes the offset in a page.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0x39400000
# RUN: -noexec -abs target=0xfff
# CHECK: *{4}main = 0x397ffc00
# RUN: -noexec -abs target=0x123456789abc0003
# CHECK: *{4}main = 0x39400c00
	.text
	.globl main
	.type main, %function
main:
	ldrb w0, [x0, :lo12:target]
	ret
