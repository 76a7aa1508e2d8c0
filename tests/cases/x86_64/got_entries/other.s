	.data
	.globl second
second:
	.long variable@GOTPCREL
	.long other@GOTPCREL
