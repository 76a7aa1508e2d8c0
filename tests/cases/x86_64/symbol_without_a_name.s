# A global symbol has a name, by which others would find it.
# PATCH: st_name of main = 0
# RUN: -noexec
# FAILS: symbol_without_a_name.o: damaged: a global symbol has no name; write the file again
	.text
	.globl main
	.type main, @function
main:
	ret
