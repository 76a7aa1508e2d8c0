# No section may be writable and executable.
# RUN: -noexec
# FAILS: the section is writable and executable
	.section .text.both,"awx",%progbits
	.globl main
main:
	mov w0, #0
	ret
