	.globl fixed
	.set fixed, 0x1234
