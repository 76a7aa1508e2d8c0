	.text
	.globl second
	.type second, @function
second:
	ret
