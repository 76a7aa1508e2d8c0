# Absolute symbols have their values in a program, wherever it lies: they are not moved with it.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	movz x0, #:abs_g0_nc:fixed
	movk x0, #:abs_g1_nc:fixed
	movk x0, #:abs_g2_nc:fixed
	movk x0, #:abs_g3:fixed
	adrp x1, pointer
	ldr x1, [x1, :lo12:pointer]
	sub x0, x0, x1
	ret
	.globl fixed
	.set fixed, 0x123456789abcdef0
	.set local, 0x77
	.data
	.p2align 3
pointer:
	.quad fixed
