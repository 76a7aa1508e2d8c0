	.section .eh_frame,"a",%progbits
	.long 0
