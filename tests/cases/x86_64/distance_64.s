# R_X86_64_PC64 holds any distance.
# RUN: -noexec -abs target=0x10000000
# CHECK: *{8}main = 0x0
# RUN: -noexec -abs target=0x800000000fffffff
# CHECK: *{8}main = 0x7fffffffffffffff
# RUN: -noexec -abs target=0x8000000010000000
# CHECK: *{8}main = 0x8000000000000000
	.text
	.globl main
	.type main, @function
main:
	.quad target - .
	.fill 16, 1, 0x90
