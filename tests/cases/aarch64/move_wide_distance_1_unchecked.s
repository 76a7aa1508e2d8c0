# R_AARCH64_MOVW_PREL_G1_NC takes quarter 1 of any distance.
# RUN: -noexec -abs target=0x10000000
# CHECK: *{4}main = 0xf2a00000
# RUN: -noexec -abs target=0x12345678aabcdef0
# CHECK: *{4}main = 0xf2b35780
# RUN: -noexec -abs target=0xfffffff
# CHECK: *{4}main = 0xf2bfffe0
	.text
	.globl main
	.type main, %function
main:
	movk x0, #:prel_g1_nc:target
	ret
