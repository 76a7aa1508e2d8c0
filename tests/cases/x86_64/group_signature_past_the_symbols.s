# The name of a section group is that of a symbol that the file has.
# PATCH: sh_info of .group = 77
# RUN: -noexec
# FAILS: group_signature_past_the_symbols.o: .group+0x0: damaged: symbol 77 of
	.section .text.shared,"axG",@progbits,shared,comdat
	.globl main
main:
	ret
