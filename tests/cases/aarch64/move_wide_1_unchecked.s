# R_AARCH64_MOVW_UABS_G1_NC takes quarter 1 of any address.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xf2a00000
# RUN: -noexec -abs target=0x123456789abcdef0
# CHECK: *{4}main = 0xf2b35780
# RUN: -noexec -abs target=0xffffffffffffffff
# CHECK: *{4}main = 0xf2bfffe0
	.text
	.globl main
	.type main, %function
main:
	movk x0, #:abs_g1_nc:target
	ret
