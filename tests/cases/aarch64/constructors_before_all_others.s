# Constructors that run before all others do so here, too, whatever the priorities of the others.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	adrp x1, log
	ldr w0, [x1, :lo12:log]
	mov w2, #0x4d2
	movk w2, #0x0, lsl #16
	sub w0, w0, w2
	ret
	.irp digit, 1, 2, 3, 4
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
	.quad note4
	.section .init_array.0,"aw",%init_array
	.p2align 3
	.quad note3
	.section .preinit_array,"aw",%preinit_array
	.p2align 3
	.quad note1
	.quad note2
	.data
	.p2align 2
log:
	.long 0
