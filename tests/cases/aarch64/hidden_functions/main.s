# Functions that are hidden, internal or protected are called from other objects of the link as any others.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-32]!
	stp x19, x20, [sp, #16]
	bl hidden
	mov w19, w0
	bl internal
	add w19, w19, w0
	adrp x1, :got:protected
	ldr x1, [x1, :got_lo12:protected]
	blr x1
	add w0, w0, w19
	sub w0, w0, #111
	ldp x19, x20, [sp, #16]
	ldp x29, x30, [sp], #32
	ret
	.hidden hidden
	.internal internal
