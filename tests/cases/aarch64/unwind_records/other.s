	.section .text.shared, "axG", @progbits, shared, comdat
	.weak shared
	.type shared, %function
shared:
	.cfi_startproc
	ret
	.cfi_endproc
	.text
	.globl other
	.type other, %function
other:
	.cfi_startproc
	ret
	.cfi_endproc
