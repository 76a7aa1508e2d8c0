# R_AARCH64_NONE, number 256, writes nothing.
# RELOCATION: 0 becomes 256
# RUN: -noexec
# CHECK: *{4}main = 0xd503201f
	.text
	.globl main
	.type main, %function
main:
	.reloc ., R_AARCH64_NONE, main
	nop
	ret
