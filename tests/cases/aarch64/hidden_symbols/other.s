	.data
	.globl hidden, internal, protected
	.hidden hidden
	.internal internal
	.protected protected
hidden:
	.xword 1
internal:
	.xword 2
protected:
	.xword 3
