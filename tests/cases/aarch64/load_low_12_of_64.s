# R_AARCH64_LDST64_ABS_LO12_NC takes the offset in a page, scaled.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xf9400000
# RUN: -noexec -abs target=0xff8
# CHECK: *{4}main = 0xf947fc00
# RUN: -noexec -abs target=0x123456789abc0018
# CHECK: *{4}main = 0xf9400c00
# RUN: -noexec -abs target=0x4
# FAILS: no multiple of
	.text
	.globl main
	.type main, %function
main:
	ldr x0, [x0, :lo12:target]
	ret
