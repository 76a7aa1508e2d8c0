# R_AARCH64_LDST16_ABS_LO12_NC takes the offset in a page, scaled.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0x79400000
# RUN: -noexec -abs target=0xffe
# CHECK: *{4}main = 0x795ffc00
# RUN: -noexec -abs target=0x123456789abc0006
# CHECK: *{4}main = 0x79400c00
# RUN: -noexec -abs target=0x1
# FAILS: no multiple of
	.text
	.globl main
	.type main, %function
main:
	ldrh w0, [x0, :lo12:target]
	ret
