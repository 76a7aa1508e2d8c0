# R_AARCH64_CONDBR19 reaches a mebibyte either way; no veneer helps.
# RUN: -noexec -abs target=0xff00000
# CHECK: *{4}main = 0x54800000
# RUN: -noexec -abs target=0x100ffffc
# CHECK: *{4}main = 0x547fffe0
# RUN: -noexec -abs target=0xfeffffc
# FAILS: out of range of
# RUN: -noexec -abs target=0x10100000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	b.eq target
	ret
