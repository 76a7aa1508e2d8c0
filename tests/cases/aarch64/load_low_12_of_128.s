# R_AARCH64_LDST128_ABS_LO12_NC takes the offset in a page, scaled.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0x3dc00000
# RUN: -noexec -abs target=0xff0
# CHECK: *{4}main = 0x3dc3fc00
# RUN: -noexec -abs target=0x123456789abc0030
# CHECK: *{4}main = 0x3dc00c00
# RUN: -noexec -abs target=0x8
# FAILS: no multiple of
	.text
	.globl main
	.type main, %function
main:
	ldr q0, [x0, :lo12:target]
	ret
