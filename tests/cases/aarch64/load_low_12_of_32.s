# R_AARCH64_LDST32_ABS_LO12_NC takes the offset in a page, scaled.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xb9400000
# RUN: -noexec -abs target=0xffc
# CHECK: *{4}main = 0xb94ffc00
# RUN: -noexec -abs target=0x123456789abc000c
# CHECK: *{4}main = 0xb9400c00
# RUN: -noexec -abs target=0x2
# FAILS: no multiple of
	.text
	.globl main
	.type main, %function
main:
	ldr w0, [x0, :lo12:target]
	ret
