# A hidden reference asks archives for its name, whoever defines the name outside of the link.
# ARCHIVE: libparts.a = part
# RUN: -noexec -abs within=0x1000
# CHECK: *{8}(*{8}main) = 7
	.data
	.globl main
main:
	.quad within
	.hidden within
