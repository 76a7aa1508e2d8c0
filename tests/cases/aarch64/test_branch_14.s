# R_AARCH64_TSTBR14 reaches 32 KiB either way; no veneer helps.
# RUN: -noexec -abs target=0xfff8000
# CHECK: *{4}main = 0x360c0000
# RUN: -noexec -abs target=0x10007ffc
# CHECK: *{4}main = 0x360bffe0
# RUN: -noexec -abs target=0xfff7ffc
# FAILS: out of range of
# RUN: -noexec -abs target=0x10008000
# FAILS: out of range of
# RUN: -noexec -abs target=0x10000002
# FAILS: no multiple of
	.text
	.globl main
	.type main, %function
main:
	tbz x0, #1, target
	ret
