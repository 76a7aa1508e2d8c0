# Sections of a name that C can spell lie at one stretch, even if nothing in the link asks for their bounds: what is linked
# later may. Where some are code and some are writable, they are left apart.
# RUN: -noexec
# CHECK: second - first = 8
# CHECK: code = 0x10001000
# CHECK: data = 0x10002000
	.section table,"a",%progbits
	.p2align 3
	.globl first
first:
	.quad 1
	.section .table,"a",%progbits
	.p2align 3
	.quad 0
	.section mixed,"ax",%progbits
	.p2align 3
	.globl main, code
	.type main, %function
main:
code:
	ret
