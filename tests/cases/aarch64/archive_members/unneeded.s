	.text
	.globl unneeded
	.type unneeded, %function
unneeded:
	b missing
