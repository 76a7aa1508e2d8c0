# R_AARCH64_MOVW_PREL_G3 turns MOVZ into MOVN for a negative distance.
# RUN: -noexec -abs target=0x12000010000000
# CHECK: *{4}main = 0xd2e00240
# RUN: -noexec -abs target=0x800000000fffffff
# CHECK: *{4}main = 0xd2efffe0
# RUN: -noexec -abs target=0x8000000010000000
# CHECK: *{4}main = 0x92efffe0
# RUN: -noexec -abs target=0xfffffff
# CHECK: *{4}main = 0x92e00000
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:prel_g3:target
	ret
