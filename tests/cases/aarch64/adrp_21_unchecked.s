# R_AARCH64_ADR_PREL_PG_HI21_NC cuts off what doesn't fit.
# RUN: -noexec -abs target=0xffffffff10000000
# CHECK: *{4}main = 0x90800000
# RUN: -noexec -abs target=0x10ffff000
# CHECK: *{4}main = 0xf07fffe0
# RUN: -noexec -abs target=0x110000000
# CHECK: *{4}main = 0x90800000
# RUN: -noexec -abs target=0x1244567000
# CHECK: *{4}main = 0xf01a2b20
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :pg_hi21_nc:target
	ret
