# A symbol whose section's number stands in another table needs that table.
# PATCH: st_shndx of main = 0xffff
# RUN: -noexec
# FAILS: symbol_without_its_extended_section.o: damaged: `main` has no extended section index; write the file again
	.text
	.globl main
	.type main, %function
main:
	ret
