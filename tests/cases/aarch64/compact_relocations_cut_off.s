# A table of compact relocations that is shorter than its count is refused before room is made for the count.
# PATCH: sh_info of .crel.data = .data
# PATCH: sh_link of .crel.data = .symtab
# RUN: -noexec
# FAILS: damaged: a table of compact relocations is shorter than its count; write the file again
	.data
	.globl main
main:
	.quad 0
	.section .crel.data,"",%0x40000014
	.uleb128 0x1000000 << 3 | 4
