	.text
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
	.globl others_pointer
others_pointer:
	.quad chosen
