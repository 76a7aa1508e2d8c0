	.section table,"ax",@progbits
	.quad 2
