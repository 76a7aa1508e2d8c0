# All that asks for the address of one symbol shares an entry of the global offset table, whichever objects ask; other
# symbols have entries of their own.
# RUN: -noexec
# CHECK: (first + (*{4}first))[31:0] = got_addr(got_entries.main.o, variable)
# CHECK: (second + (*{4}second))[31:0] = got_addr(got_entries.main.o, variable)
# CHECK: (second + 4 + (*{4}(second + 4)))[31:0] = got_addr(got_entries.main.o, other)
# CHECK: *{8}(got_addr(got_entries.main.o, variable)) = variable
# CHECK: got_addr(got_entries.main.o, other) = got_addr(got_entries.main.o, variable) + 8
	.data
	.globl first
first:
	.long variable@GOTPCREL
	.section .rodata,"a",@progbits
	.globl variable, other
variable:
	.quad 0
other:
	.quad 0
