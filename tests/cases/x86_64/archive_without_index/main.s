# An archive without an index of its symbols is refused, once something is missing.
# ARCHIVE WITHOUT INDEX: libparts.a = other
# RUN: -noexec
# FAILS: libparts.a: the archive has no index of its symbols; run `ranlib` on it
	.data
	.globl main
main:
	.quad other
