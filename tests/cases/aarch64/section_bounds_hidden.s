# Bounds that are asked for as hidden, as compilers do, are the link's own.
# RUN: -noexec
# CHECK: *{8}main = section_addr(section_bounds_hidden.o, table)
# CHECK: *{8}(main + 8) = section_addr(section_bounds_hidden.o, table) + 24
	.data
	.globl main
main:
	.quad __start_table, __stop_table
	.hidden __start_table, __stop_table
	.section table,"a",%progbits
	.quad 1, 2, 3
