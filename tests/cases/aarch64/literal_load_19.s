# R_AARCH64_LD_PREL_LO19 reaches a mebibyte either way, in words.
# RUN: -noexec -abs target=0xff00000
# CHECK: *{4}main = 0x58800000
# RUN: -noexec -abs target=0x100ffffc
# CHECK: *{4}main = 0x587fffe0
# RUN: -noexec -abs target=0x10000008
# CHECK: *{4}main = 0x58000040
# RUN: -noexec -abs target=0xfeffffc
# FAILS: out of range of
# RUN: -noexec -abs target=0x10100000
# FAILS: out of range of
# RUN: -noexec -abs target=0x10000002
# FAILS: no multiple of
	.text
	.globl main
	.type main, %function
main:
	ldr x0, target
	ret
