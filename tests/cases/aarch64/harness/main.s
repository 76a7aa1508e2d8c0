# The harness of a test sees local names of the test's objects, and what both define counts as the harness has it.
# RUN: -noexec -harness aarch64/harness.main.o
# CHECK: *{8}main = *{8}pointer
# CHECK: *{8}(*{8}main) = 1
# CHECK: *{8}(pointer + 8) = replaced
# CHECK: *{8}replaced = 2
# RUN: -noexec
# FAILS: `replaced` is already defined at aarch64/harness.main.o: .data+0x8
	.data
	.globl main, replaced
main:
	.quad local
replaced:
	.quad 2
