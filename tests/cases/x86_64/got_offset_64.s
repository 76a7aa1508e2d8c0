# R_X86_64_GOT64 holds the offset of an entry in the GOT, in 64 bits.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}(main + 2) = got_addr(got_offset_64.o, target) - _GLOBAL_OFFSET_TABLE_
# CHECK: *{8}(got_addr(got_offset_64.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	movabsq $target@GOT, %rax
	.fill 16, 1, 0x90
