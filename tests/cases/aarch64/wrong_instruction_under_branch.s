# A fixup whose instruction it doesn't fit is refused.
# RELOCATION: 274 becomes 283
# RUN: -noexec -abs target=0x10000100
# FAILS: `target`
	.text
	.globl main
	.type main, %function
main:
	adr x0, target
	ret
