# A jump to an indirect function, at a call's end, is one to what its resolver chose.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	b chosen
	.globl chosen
	.type chosen, %gnu_indirect_function
chosen:
	adrp x0, implementation
	add x0, x0, :lo12:implementation
	ret
	.type implementation, %function
implementation:
	mov w0, #0
	ret
