# A program finds its variables aligned as it asked.
# KERNEL
	.text
	.p2align 6
	.globl main
	.type main, %function
main:
	adr x0, main
	and w0, w0, #63
	adrp x1, page
	add x1, x1, :lo12:page
	and w1, w1, #4095
	orr w0, w0, w1
	adrp x1, zeros
	add x1, x1, :lo12:zeros
	and w1, w1, #4095
	orr w0, w0, w1
	ret
	.data
	.byte 1
	.section .data.page,"aw",%progbits
	.p2align 12
page:
	.byte 2
	.bss
	.zero 1
	.p2align 12
zeros:
	.zero 1
