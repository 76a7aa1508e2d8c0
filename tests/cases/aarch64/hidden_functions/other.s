	.text
	.globl hidden, internal, protected
	.hidden hidden
	.internal internal
	.protected protected
	.type hidden, %function
	.type internal, %function
	.type protected, %function
hidden:
	mov w0, #1
	ret
internal:
	mov w0, #10
	ret
protected:
	mov w0, #100
	ret
