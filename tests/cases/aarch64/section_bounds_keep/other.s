	.data
	.globl needed
needed:
	.quad 0
	.section table,"aw",%progbits
	.quad 2
