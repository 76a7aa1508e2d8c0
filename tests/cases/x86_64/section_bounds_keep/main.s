# Who refers to bounds keeps all sections of that name, of an archive's objects too: nothing else refers to what they hold.
# ARCHIVE: libparts.a = other third
# RUN: -noexec
# CHECK: (*{8}(main + 8)) - (*{8}main) = 24
# CHECK: *{8}(*{8}main) = 1
# CHECK: *{8}((*{8}main) + 8) = 2
# CHECK: *{8}((*{8}main) + 16) = 3
	.data
	.globl main
main:
	.quad __start_table, __stop_table, needed, also_needed
	.section table,"aw",@progbits
	.quad 1
