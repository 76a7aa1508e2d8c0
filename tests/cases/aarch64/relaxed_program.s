# A program in which pairs of instructions that may be relaxed say the same as the words of the GOT that they would read.
# RUN: -noexec
# CHECK: *{4}main = 0xd503201f
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	adrp x1, :got:variable
	ldr x1, [x1, :got_lo12:variable]
	adrp x2, variable
	add x2, x2, :lo12:variable
	adrp x3, :got:nothing
	ldr x3, [x3, :got_lo12:nothing]
	sub x0, x1, x2
	orr x0, x0, x3
	ldr x4, [x1]
	sub x4, x4, #7
	orr x0, x0, x4
	cmp x0, #0
	cset w0, ne
	ret
	.weak nothing
	.data
	.globl variable
variable:
	.quad 7
