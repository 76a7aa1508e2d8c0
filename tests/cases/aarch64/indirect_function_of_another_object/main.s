# An indirect function that another object defines is the same for both: what its resolver chose, at one address.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-32]!
	stp x19, x20, [sp, #16]
	bl chosen
	sub w19, w0, #42
	adrp x1, pointer
	ldr x1, [x1, :lo12:pointer]
	adrp x2, others_pointer
	ldr x2, [x2, :lo12:others_pointer]
	sub w20, w1, w2
	blr x2
	sub w0, w0, #42
	orr w0, w0, w19
	orr w0, w0, w20
	ldp x19, x20, [sp, #16]
	ldp x29, x30, [sp], #32
	ret
	.data
	.p2align 3
pointer:
	.quad chosen
