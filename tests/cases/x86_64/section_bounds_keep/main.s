# Who refers to a bound keeps all sections of that name, of an archive's objects too: nothing else refers to what they hold.
# ARCHIVE: libparts.a = other
# RUN: -noexec
# CHECK: (*{8}(main + 8)) - (*{8}main) = 16
# CHECK: *{8}(*{8}main) = 1
# CHECK: *{8}((*{8}main) + 8) = 2
	.data
	.globl main
main:
	.quad __start_table, __stop_table, needed
	.section table,"aw",@progbits
	.quad 1
