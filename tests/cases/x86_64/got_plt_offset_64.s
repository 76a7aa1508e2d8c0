# R_X86_64_GOTPLT64 is an offset in the GOT as GOT64 is.
# RELOCATION: 27 becomes 30
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}(main + 2) = got_addr(got_plt_offset_64.o, target) - _GLOBAL_OFFSET_TABLE_
# CHECK: *{8}(got_addr(got_plt_offset_64.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	movabsq $target@GOT, %rax
	.fill 16, 1, 0x90
