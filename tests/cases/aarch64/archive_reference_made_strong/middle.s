	.data
	.globl middle
middle:
	.xword optional
