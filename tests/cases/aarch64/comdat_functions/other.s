	.text
	.globl other
	.type other, %function
other:
	b shared
	.section .text.shared,"axG",%progbits,shared,comdat
	.globl shared
	.type shared, %function
shared:
	adrp x0, value
	ldr w0, [x0, :lo12:value]
	add w0, w0, #7
	ret
	.section .rodata.shared,"aG",%progbits,shared,comdat
	.p2align 2
value:
	.long 5
