# A fixup whose instruction it doesn't fit is refused.
# RELOCATION: 280 becomes 273
# RUN: -noexec -abs target=0x10000100
# FAILS: `target`
	.text
	.globl main
	.type main, %function
main:
	b.eq target
	ret
