# R_AARCH64_MOVW_PREL_G0_NC takes quarter 0 of any distance.
# RUN: -noexec -abs target=0x10000000
# CHECK: *{4}main = 0xf2800000
# RUN: -noexec -abs target=0x12345678aabcdef0
# CHECK: *{4}main = 0xf29bde00
# RUN: -noexec -abs target=0xfffffff
# CHECK: *{4}main = 0xf29fffe0
	.text
	.globl main
	.type main, %function
main:
	movk x0, #:prel_g0_nc:target
	ret
