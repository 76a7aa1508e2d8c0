# A section has one table of relocations: which of two comes first, nothing tells.
# PATCH: sh_type of .rel.data = 9
# PATCH: sh_entsize of .rel.data = 16
# PATCH: sh_info of .rel.data = .data
# PATCH: sh_link of .rel.data = .symtab
# RUN: -noexec
# FAILS: two_tables_of_relocations.o: .data+0x0: damaged: two tables of relocations for one section; write the file again
	.data
	.globl main
main:
	.quad target
	.section .rel.data,"",@progbits
	.quad 0, 1 << 32 | 1
