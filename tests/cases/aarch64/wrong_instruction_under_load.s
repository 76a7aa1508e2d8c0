# A fixup whose instruction it doesn't fit is refused.
# RELOCATION: 285 becomes 286
# RUN: -noexec -abs target=0x10000100
# FAILS: `target`
	.text
	.globl main
	.type main, %function
main:
	ldr w0, [x0, :lo12:target]
	ret
