# What has no content in the file is zero, behind what has, and may be written.
# RUN: -noexec
# CHECK: *{8}zeros = 0
# CHECK: *{8}(zeros + 0x8000) = 0
# RUN: -noexec -show-addrs
# OUTPUT: Section ".bss": target addr = 0x0000000010001000, zero-fill: 32776 bytes
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	adrp x1, zeros
	ldr x0, [x1, :lo12:zeros]
	adrp x2, zeros + 0x8000
	ldr x3, [x2, :lo12:zeros + 0x8000]
	orr x0, x0, x3
	str x2, [x1, :lo12:zeros]
	str x2, [x2, :lo12:zeros + 0x8000]
	ret
	.bss
	.p2align 3
	.globl zeros
zeros:
	.zero 0x8008
