	.text
	.globl first
	.type first, %function
first:
	b second
