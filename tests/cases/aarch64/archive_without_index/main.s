# Of an archive without an index of its symbols, the members are asked what they define.
# ARCHIVE WITHOUT INDEX: libparts.a = other unneeded
# RUN: -noexec -show-linked-files
# OUTPUT: libparts.a(other.o)
# NO OUTPUT: unneeded
# CHECK: *{8}main = other
	.data
	.globl main
main:
	.quad other
