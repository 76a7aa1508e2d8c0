# What follows -args are the program's arguments, behind the name of its first file.
# RUN: -args -noexec two
# STATUS: 3
	.text
	.globl main
	.type main, @function
main:
	movl %edi, %eax
	ret
