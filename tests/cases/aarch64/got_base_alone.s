# `_GLOBAL_OFFSET_TABLE_` has an address even if nothing asks for an entry.
# RUN: -noexec
# CHECK: *{8}main = _GLOBAL_OFFSET_TABLE_
# CHECK: (*{8}main)[2:0] = 0
	.data
	.globl main
main:
	.quad _GLOBAL_OFFSET_TABLE_
