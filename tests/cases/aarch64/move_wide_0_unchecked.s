# R_AARCH64_MOVW_UABS_G0_NC takes quarter 0 of any address.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xf2800000
# RUN: -noexec -abs target=0x123456789abcdef0
# CHECK: *{4}main = 0xf29bde00
# RUN: -noexec -abs target=0xffffffffffffffff
# CHECK: *{4}main = 0xf29fffe0
	.text
	.globl main
	.type main, %function
main:
	movk x0, #:abs_g0_nc:target
	ret
