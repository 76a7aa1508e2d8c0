	.section .text.shared,"axG",%progbits,shared,comdat
	.weak shared
shared:
	ret
	.type own, %function
own:
	ret
	.data
	.quad shared, own
