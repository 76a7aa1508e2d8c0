# Of functions in groups of one name the first object's counts for all objects, with the data that its code uses.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-32]!
	stp x19, x20, [sp, #16]
	bl shared
	mov w19, w0
	bl other
	add w0, w0, w19
	sub w0, w0, #2
	ldp x19, x20, [sp, #16]
	ldp x29, x30, [sp], #32
	ret
	.section .text.shared,"axG",%progbits,shared,comdat
	.globl shared
	.type shared, %function
shared:
	adrp x0, value
	ldr w0, [x0, :lo12:value]
	ret
	.section .rodata.shared,"aG",%progbits,shared,comdat
	.p2align 2
value:
	.long 1
