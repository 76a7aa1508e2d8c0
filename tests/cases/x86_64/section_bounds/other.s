	.section table,"aw",@progbits
	.quad 3
