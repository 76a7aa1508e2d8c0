# An array of constructors is known by its name, too, where a tool doesn't know the type.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	adrp x1, result
	ldr w0, [x1, :lo12:result]
	ret
constructor:
	adrp x1, result
	str wzr, [x1, :lo12:result]
	ret
	.section .init_array,"aw",%progbits
	.p2align 3
	.quad constructor
	.data
	.p2align 2
result:
	.long 1
