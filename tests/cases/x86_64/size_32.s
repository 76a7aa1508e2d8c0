# R_X86_64_SIZE32 holds the size of its target, and an addend.
# RUN: -noexec
# CHECK: *{4}main = 24
# CHECK: *{4}(main + 4) = 32
	.text
	.globl main
	.type main, @function
main:
	.long sized@SIZE
	.long sized@SIZE + 8
	.data
	.globl sized
	.type sized, @object
sized:
	.zero 24
	.size sized, 24
