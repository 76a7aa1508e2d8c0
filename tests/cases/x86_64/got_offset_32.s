# R_X86_64_GOT32 holds the offset of an entry in the GOT.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{4}main = (got_addr(got_offset_32.o, target) - _GLOBAL_OFFSET_TABLE_)[31:0]
# CHECK: *{8}(got_addr(got_offset_32.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	.long target@GOT
	.fill 16, 1, 0x90
