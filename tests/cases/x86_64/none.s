# R_X86_64_NONE writes nothing.
# RUN: -noexec
# CHECK: *{4}main = 0x90909090
	.text
	.globl main
	.type main, @function
main:
	.reloc ., R_X86_64_NONE, main
	.fill 16, 1, 0x90
