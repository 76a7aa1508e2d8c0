# R_X86_64_GOTOFF64 holds the distance from the GOT's start to the target.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}(main + 2) = target - _GLOBAL_OFFSET_TABLE_
	.text
	.globl main
	.type main, @function
main:
	movabsq $target@GOTOFF, %rax
	.fill 16, 1, 0x90
