	.data
	.globl also_needed
also_needed:
	.quad 0
	.section table,"aw",%progbits
	.quad 3
