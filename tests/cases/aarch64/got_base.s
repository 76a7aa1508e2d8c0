# `_GLOBAL_OFFSET_TABLE_` is where the entries of the global offset table begin.
# RELOCATION: 261 becomes 315
# RELOCATION: 261 becomes 315
# RUN: -noexec
# CHECK: *{8}main = got_addr(got_base.o, variable)
	.data
	.globl main
main:
	.quad _GLOBAL_OFFSET_TABLE_
	.long variable - .
	.section .rodata,"a",%progbits
	.globl variable
variable:
	.quad 0
