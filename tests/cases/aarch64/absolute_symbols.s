# An absolute symbol is its value, wherever the module lies.
# RUN: -noexec
# CHECK: *{8}pointer = 0x1238
	.globl fixed
	.set fixed, 0x1234
	.data
	.globl pointer
pointer:
	.xword fixed + 4
