	.section .table,"a",%progbits
	.p2align 3
	.quad 0
	.section table,"a",%progbits
	.p2align 3
	.globl second
second:
	.quad 2
	.section mixed,"aw",%progbits
	.p2align 3
	.globl data
data:
	.quad 3
