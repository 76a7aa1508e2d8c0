# R_AARCH64_CONDBR19 is taken by CBZ and CBNZ, too.
# RUN: -noexec -abs target=0xff00000
# CHECK: *{4}main = 0x35800003
# RUN: -noexec -abs target=0x100ffffc
# CHECK: *{4}main = 0x357fffe3
# RUN: -noexec -abs target=0xfeffffc
# FAILS: out of range of
# RUN: -noexec -abs target=0x10100000
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	cbnz w3, target
	ret
