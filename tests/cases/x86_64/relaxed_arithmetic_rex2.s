# R_X86_64_CODE_4_GOTPCRELX is of arithmetic under a REX2 prefix, too: both high bits of the register move within it.
# RELOCATION: 41 becomes 43
# RUN: -noexec -abs target=0x12345678
# CHECK: *{4}main = 0xc78119d5
# CHECK: *{4}(main + 4) = 0x12345678
	.text
	.globl main
	.type main, @function
main:
	.byte 0xd5, 0x4c
	addl target@GOTPCREL(%rip), %edi	# %r31
	ret
