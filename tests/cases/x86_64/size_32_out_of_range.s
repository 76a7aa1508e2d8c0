# A size that an addend makes negative doesn't fit R_X86_64_SIZE32.
# RUN: -noexec
# FAILS: out of range of Size32
	.text
	.globl main
	.type main, @function
main:
	.long sized@SIZE - 32
	.data
	.globl sized
	.type sized, @object
sized:
	.zero 24
	.size sized, 24
