# A fixup whose instruction it doesn't fit is refused.
# RELOCATION: 275 becomes 277
# RUN: -noexec -abs target=0x10000100
# FAILS: `target`
	.text
	.globl main
	.type main, %function
main:
	adrp x0, target
	ret
