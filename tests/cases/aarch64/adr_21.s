# R_AARCH64_ADR_PREL_LO21 reaches a mebibyte either way, in bytes.
# RUN: -noexec -abs target=0xff00000
# CHECK: *{4}main = 0x10800000
# RUN: -noexec -abs target=0x100fffff
# CHECK: *{4}main = 0x707fffe0
# RUN: -noexec -abs target=0x10000003
# CHECK: *{4}main = 0x70000000
# RUN: -noexec -abs target=0xfefffff
# FAILS: out of range of
# RUN: -noexec -abs target=0x10100000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	adr x0, target
	ret
