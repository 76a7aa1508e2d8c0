// A section that is writable and executable has no protection to be mapped with.
	.section .writable_code,"awx",%progbits
	.globl main
	.type main, %function
main:
	ret
	.section .note.GNU-stack,"",%progbits
