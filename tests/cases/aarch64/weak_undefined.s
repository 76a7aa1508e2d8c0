# A weak name that nothing defines is 0 in data and in the GOT, and a call of it doesn't overflow.
# RUN: -noexec
# CHECK: *{8}pointer = 0
# CHECK: *{8}(got_addr(weak_undefined.o, nothing)) = 0
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:nothing
	ldr x0, [x0, :got_lo12:nothing]
	cbz x0, 1f
	b nothing
1:	adrp x0, pointer
	ldr w0, [x0, :lo12:pointer]
	ret
	.data
	.p2align 3
	.globl pointer
pointer:
	.xword nothing
	.weak nothing
