# R_AARCH64_PLT32 holds the distance to the target, or to a stub for it.
# RELOCATION: 261 becomes 314
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{4}main = (stub_addr(stub_distance_32.o, target) - main)[31:0]
	.text
	.globl main
	.type main, %function
main:
	.word target - .
	ret
