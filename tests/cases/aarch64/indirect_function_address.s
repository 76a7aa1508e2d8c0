# The address of an indirect function is one and the same, however it is taken, and can be called.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-16]!
	adrp x1, chosen
	add x1, x1, :lo12:chosen
	adrp x2, pointer
	ldr x2, [x2, :lo12:pointer]
	mov w0, #1
	cmp x1, x2
	b.ne 1f
	adrp x3, constant
	ldr x3, [x3, :lo12:constant]
	mov w0, #2
	cmp x1, x3
	b.ne 1f
	blr x1
	sub w0, w0, #42
1:	ldp x29, x30, [sp], #16
	ret
	.globl chosen
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
	.section .data.rel.ro,"aw",%progbits
	.p2align 3
constant:
	.quad chosen
