	.text
	.globl single
single:
	adrp x5, :got:variable
	ldr x6, [x5, :got_lo12:variable]
	ret
	.data
	.globl variable
variable:
	.quad 0
