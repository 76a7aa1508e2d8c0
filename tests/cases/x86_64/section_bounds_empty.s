# The bounds of an empty section are one address.
# RUN: -noexec
# CHECK: *{8}main = *{8}(main + 8)
	.data
	.globl main
main:
	.quad __start_table, __stop_table
	.section table,"aw",@progbits
