# A weak reference is content with nothing: no member of an archive is linked for it.
# ARCHIVE: libparts.a = other
# RUN: -noexec
# CHECK: *{8}main = 0
	.data
	.globl main
main:
	.quad optional
	.weak optional
