# Constructors run in the order of their priorities, those without one last, and those alike in the order of the objects.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	adrp x1, log
	ldr w0, [x1, :lo12:log]
	mov w2, #0xe240
	movk w2, #1, lsl #16
	sub w0, w0, w2
	ret
	.irp digit, 1, 3, 5
	.type note\digit, %function
note\digit:
	adrp x1, log
	ldr w0, [x1, :lo12:log]
	mov w2, #10
	mov w3, #\digit
	madd w0, w0, w2, w3
	str w0, [x1, :lo12:log]
	ret
	.endr
	.section .init_array,"aw",%init_array
	.p2align 3
	.quad note5
	.section .init_array.200,"aw",%init_array
	.p2align 3
	.quad note3
	.section .init_array.00010,"aw",%init_array
	.p2align 3
	.quad note1
	.data
	.p2align 2
	.globl log
log:
	.long 0
