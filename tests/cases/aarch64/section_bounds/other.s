	.section table,"aw",%progbits
	.xword 3
