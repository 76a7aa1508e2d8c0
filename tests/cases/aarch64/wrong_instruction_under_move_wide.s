# A fixup whose instruction it doesn't fit is refused.
# RELOCATION: 277 becomes 264
# RUN: -noexec -abs target=0x10000100
# FAILS: `target`
	.text
	.globl main
	.type main, %function
main:
	add x0, x0, :lo12:target
	ret
