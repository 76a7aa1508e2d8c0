//@ machine: aarch64
// Addresses by page and offset, through the GOT and directly, for loads of each width; conditional and test branches.
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:doubleword
	ldr x0, [x0, :got_lo12:doubleword]
	adrp x1, doubleword
	add x1, x1, :lo12:doubleword
	cmp x0, x1
	mov w9, 1
	b.ne fail
	adrp x2, doubleword
	ldr x2, [x2, :lo12:doubleword]
	mov w9, 2
	cmp x2, 64
	b.ne fail
	adrp x3, word
	ldr w3, [x3, :lo12:word]
	mov w9, 3
	cmp w3, 32
	b.ne fail
	adrp x4, half
	ldrh w4, [x4, :lo12:half]
	mov w9, 4
	cmp w4, 16
	b.ne fail
	adrp x5, byte
	ldrb w5, [x5, :lo12:byte]
	mov w9, 5
	cmp w5, 8
	b.ne fail
	adrp x6, quad
	ldr q0, [x6, :lo12:quad]
	umov x6, v0.d[1]
	mov w9, 6
	cmp x6, 128
	b.ne fail
	ldr x7, doubleword_address
	mov w9, 7
	cmp x7, x1
	b.ne fail
	adr x8, near
	ldr w8, [x8]
	mov w9, 8
	cmp w8, 9
	b.ne fail
	movz x10, #:abs_g0_nc:absolute
	movk x10, #:abs_g1_nc:absolute
	mov w9, 9
	ldr x11, absolute_value
	cmp x10, x11
	b.ne fail
	mov w9, wzr
	cbz w9, fail
	mov w9, 10
fail:
	mov w0, w9
	ret
	.balign 8
doubleword_address:
	.quad doubleword
absolute_value:
	.quad absolute
near:
	.long 9
	.set absolute, 0x12345678
	.globl absolute

	.data
	.globl doubleword
	.balign 16
quad:
	.quad 0, 128
doubleword:
	.quad 64
word:
	.long 32
half:
	.hword 16
byte:
	.byte 8
	.section .note.GNU-stack,"",%progbits
