# R_AARCH64_ADR_PREL_PG_HI21 reaches 4 GiB either way, in pages.
# RUN: -noexec -abs target=0xffffffff10000000
# CHECK: *{4}main = 0x90800000
# RUN: -noexec -abs target=0x10ffff000
# CHECK: *{4}main = 0xf07fffe0
# RUN: -noexec -abs target=0x10fffffff
# CHECK: *{4}main = 0xf07fffe0
# RUN: -noexec -abs target=0x10005000
# CHECK: *{4}main = 0xb0000020
# RUN: -noexec -abs target=0xffffffff0fffffff
# FAILS: out of range of
# RUN: -noexec -abs target=0x110000000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	adrp x0, target
	ret
