# R_AARCH64_GOTPCREL32 holds the distance of a GOT entry.
# RELOCATION: 261 becomes 315
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{4}main = (got_addr(got_distance_32.o, target) - main)[31:0]
# CHECK: *{8}(got_addr(got_distance_32.o, target)) = target
	.text
	.globl main
	.type main, %function
main:
	.word target - .
	ret
