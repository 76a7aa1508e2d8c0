# What the objects don't define is looked for in the process and its C library, unless that is not wanted; the exit status is
# what main returns.
# RUN:
# STATUS: 5
# RUN: -no-process-syms
# FAILS: nothing defines `strlen` (wanted by x86_64/process_symbols.o: .text+
	.text
	.globl main
	.type main, @function
main:
	leaq text(%rip), %rdi
	jmp strlen@plt
	.section .rodata,"a",@progbits
text:
	.asciz "hello"
