	.text
	.globl unneeded
	.type unneeded, @function
unneeded:
	jmp missing
