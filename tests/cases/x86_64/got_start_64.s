# R_X86_64_GOTPC64 holds the distance to the GOT's start in 64 bits.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}(main + 2) = _GLOBAL_OFFSET_TABLE_ - main
	.text
	.globl main
	.type main, @function
main:
	movabsq $_GLOBAL_OFFSET_TABLE_ - ., %rax
	.fill 16, 1, 0x90
