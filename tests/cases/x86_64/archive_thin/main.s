# A thin archive has no members of its own, and is refused.
# THIN ARCHIVE: libparts.a = other
# RUN: -noexec
# FAILS: libparts.a(other.o): its archive is thin and only names it, and no files are read here; make one that holds its members (`ar rc` without T)
	.data
	.globl main
main:
	.quad other
