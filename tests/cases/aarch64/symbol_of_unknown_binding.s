# What a symbol's binding means for others must be known.
# PATCH: st_info of main = 0x72
# RUN: -noexec
# FAILS: symbol_of_unknown_binding.o: damaged: `main` has binding 7, which is unknown; write the file again
	.text
	.globl main
	.type main, %function
main:
	ret
