# Addresses from the global offset table are the same with and without it: of the link, absolute ones and the 0 of a weak
# name; calls and jumps lead where they should.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-16]!
	mov w0, #1
	adrp x1, variable
	add x1, x1, :lo12:variable
	adrp x2, :got:variable
	ldr x2, [x2, :got_lo12:variable]
	cmp x1, x2
	b.ne end
	mov w0, #2
	adrp x3, :got:fixed
	ldr x3, [x3, :got_lo12:fixed]
	mov x4, #0x1234
	cmp x3, x4
	b.ne end
	mov w0, #3
	adrp x5, :got:absent
	ldr x5, [x5, :got_lo12:absent]
	cbnz x5, end
	mov w0, #4
	adrp x6, :got:variable
	ldr x7, [x6, :got_lo12:variable]
	cmp x1, x7
	b.ne end
	bl callee
end:
	ldp x29, x30, [sp], #16
	ret
	.globl callee
	.type callee, %function
callee:
	mov w0, #0
	ret
	.weak absent
	.data
	.globl variable
variable:
	.quad 0
