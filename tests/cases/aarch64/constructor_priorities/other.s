	.text
	.irp digit, 2, 4, 6
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
	.quad note6
	.section .init_array.200,"aw",%init_array
	.p2align 3
	.quad note4
	.section .init_array.10,"aw",%init_array
	.p2align 3
	.quad note2
