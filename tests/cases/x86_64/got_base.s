# `_GLOBAL_OFFSET_TABLE_` is where the entries of the global offset table begin.
# RUN: -noexec
# CHECK: *{8}main = got_addr(got_base.o, variable)
	.data
	.globl main
main:
	.quad _GLOBAL_OFFSET_TABLE_
	.long variable@GOTPCREL
	.section .rodata,"a",@progbits
	.globl variable
variable:
	.quad 0
