# Relocations without addends take what stands in the bytes that they change.
# PATCH: sh_type of .rel.data = 9
# PATCH: sh_entsize of .rel.data = 16
# PATCH: sh_info of .rel.data = .data
# PATCH: sh_link of .rel.data = .symtab
# RUN: -noexec -abs target=0x1000
# CHECK: *{8}main = 0x1008
# CHECK: *{4}(main + 8) = 0xfff
	.data
	.globl main
main:
	.quad 8
	.long -1
	.globl target
	.section .rel.data,"",%progbits
	.quad 0, 4 << 32 | 257
	.quad 8, 4 << 32 | 258
