# The bounds of sections that don't exist are names like others: missing, or 0 if the reference is weak.
# RUN: -noexec
# FAILS: `__start_nothing`
	.text
	.globl main
main:
	leaq __start_nothing(%rip), %rax
	ret
