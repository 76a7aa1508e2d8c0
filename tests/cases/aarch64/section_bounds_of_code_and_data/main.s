# Sections whose bounds are asked for can't lie at one stretch if some are code and some are writable.
# RUN: -noexec
# FAILS: section_bounds_of_code_and_data.other.o: table+0x0: all sections `table` must lie at one stretch,
# FAILS: but some are writable and some are executable; give them different names
	.data
	.globl main
main:
	.quad __start_table
	.section table,"aw",%progbits
	.quad 1
