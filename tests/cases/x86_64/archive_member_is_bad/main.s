# What is wrong with a member is told with the archive's name and its own.
# ARCHIVE: libparts.a = other
# RUN: -noexec
# FAILS: libparts.a(other.o): .data+0x0: the section is writable and executable; separate code from data in the source
	.data
	.globl main
main:
	.quad other
