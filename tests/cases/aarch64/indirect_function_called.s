# A call of an indirect function is one of what its resolver chose, once it has run.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-16]!
	bl chosen
	sub w0, w0, #42
	ldp x29, x30, [sp], #16
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
