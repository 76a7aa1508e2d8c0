# No name of an archive that is loaded hidden is seen outside of the link.
# ARCHIVE: libparts.a = other
# RUN: -noexec -load_hidden aarch64/archive_hidden/libparts.a -show-graphs=libparts
# OUTPUT: `other`, unknown, strong, hidden, live
# RUN: -noexec -show-graphs=libparts
# OUTPUT: `other`, unknown, strong, default, live
	.data
	.globl main
main:
	.quad other
