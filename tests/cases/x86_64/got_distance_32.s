# R_X86_64_GOTPCREL holds the distance of a GOT entry.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{4}main = (got_addr(got_distance_32.o, target) - main)[31:0]
# CHECK: *{8}(got_addr(got_distance_32.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	.long target@GOTPCREL
	.fill 16, 1, 0x90
