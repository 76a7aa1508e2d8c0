# A thin archive has no members of its own, and is refused.
# THIN ARCHIVE: libparts.a = other
# RUN: -noexec
# FAILS: libparts.a: a thin archive, which only names its members; make one that holds them (`ar rc` without T)
	.data
	.globl main
main:
	.quad other
