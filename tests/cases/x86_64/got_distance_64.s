# R_X86_64_GOTPCREL64 holds the distance of a GOT entry in 64 bits.
# RELOCATION: 27 becomes 28
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}(main + 2) = got_addr(got_distance_64.o, target) - main - 2
# CHECK: *{8}(got_addr(got_distance_64.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	movabsq $target@GOT, %rax
	.fill 16, 1, 0x90
