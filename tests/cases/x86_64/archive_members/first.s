	.text
	.globl first
	.type first, @function
first:
	jmp second
