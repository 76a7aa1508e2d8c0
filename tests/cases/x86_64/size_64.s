# R_X86_64_SIZE64 holds the size of its target, and any addend.
# RUN: -noexec
# CHECK: *{8}main = 24
# CHECK: *{8}(main + 8) = 0xfffffffffffffff8
	.text
	.globl main
	.type main, @function
main:
	.quad sized@SIZE
	.quad sized@SIZE - 32
	.data
	.globl sized
	.type sized, @object
sized:
	.zero 24
	.size sized, 24
