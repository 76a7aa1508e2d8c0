# What the objects don't define is looked for in the process and its C library, unless that is not wanted; the exit status is
# what main returns.
# RUN:
# STATUS: 5
# RUN: -no-process-syms
# FAILS: nothing defines `strlen` (wanted by aarch64/process_symbols.o: .text+
	.text
	.globl main
	.type main, %function
main:
	adrp x0, text
	add x0, x0, :lo12:text
	b strlen
	.section .rodata,"a",%progbits
text:
	.asciz "hello"
