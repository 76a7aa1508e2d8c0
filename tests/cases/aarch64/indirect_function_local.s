# An indirect function may be local: its calls and its address are those of what its resolver chose.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-32]!
	stp x19, x20, [sp, #16]
	bl chosen
	mov w19, w0
	adrp x1, pointer
	ldr x1, [x1, :lo12:pointer]
	blr x1
	add w0, w0, w19
	sub w0, w0, #84
	ldp x19, x20, [sp, #16]
	ldp x29, x30, [sp], #32
	ret
	.type chosen, %gnu_indirect_function
chosen:
	adrp x0, implementation
	add x0, x0, :lo12:implementation
	ret
	.type implementation, %function
implementation:
	mov w0, #42
	ret
	.data
	.p2align 3
pointer:
	.quad chosen
