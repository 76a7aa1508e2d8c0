# Of an archive the members are linked that something needs, and those that they need in turn; the others are as if they
# weren't there, so that what one of them misses is nobody's concern.
# ARCHIVE: libparts.a = first second unneeded
# RUN: -noexec -show-linked-files
# OUTPUT: libparts.a(first.o)
# OUTPUT: libparts.a(second.o)
# NO OUTPUT: unneeded
	.text
	.globl main
	.type main, @function
main:
	jmp first
