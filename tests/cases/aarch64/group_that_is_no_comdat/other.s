# PATCH: word 0 of .group = 0
	.section .data.pair,"awG",%progbits,pair,comdat
	.globl second
second:
	.quad 2
