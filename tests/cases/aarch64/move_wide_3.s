# R_AARCH64_MOVW_UABS_G3 takes the last quarter of any address.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}main = 0xf2e00000
# RUN: -noexec -abs target=0x123456789abcdef0
# CHECK: *{4}main = 0xf2e24680
# RUN: -noexec -abs target=0xffffffffffffffff
# CHECK: *{4}main = 0xf2ffffe0
	.text
	.globl main
	.type main, %function
main:
	movk x0, #:abs_g3:target
	ret
