	.data
	.globl hidden, internal, protected
	.hidden hidden
	.internal internal
	.protected protected
hidden:
	.quad 1
internal:
	.quad 2
protected:
	.quad 3
