# R_X86_64_CODE_4_GOTPCRELX is of a load under a REX2 prefix: it computes the address instead.
# RELOCATION: 41 becomes 43
# RUN: -noexec
# CHECK: *{4}main = 0x3d8d4cd5
# CHECK: *{4}(main + 4) = variable - (main + 8)
	.text
	.globl main
	.type main, @function
main:
	.byte 0xd5, 0x4c
	movl variable@GOTPCREL(%rip), %edi	# %r31
	ret
	.data
	.globl variable
variable:
	.quad 0
