# A thin archive only names its members: they are read from where they lie as seen from its own folder, those that are
# needed, or all.
# THIN ARCHIVE: libparts.a = other unneeded
# RUN: -noexec -show-linked-files
# OUTPUT: libparts.a(../archive_thin.other.o)
# NO OUTPUT: unneeded
# CHECK: *{8}main = other
# RUN: -noexec -show-linked-files -all_load
# OUTPUT: libparts.a(../archive_thin.other.o)
# OUTPUT: libparts.a(../archive_thin.unneeded.o)
# CHECK: *{8}main = other
	.data
	.globl main
main:
	.quad other
