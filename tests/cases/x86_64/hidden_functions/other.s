	.text
	.globl hidden, internal, protected
	.hidden hidden
	.internal internal
	.protected protected
	.type hidden, @function
	.type internal, @function
	.type protected, @function
hidden:
	movl $1, %eax
	ret
internal:
	movl $10, %eax
	ret
protected:
	movl $100, %eax
	ret
