# The files that are linked are shown on demand, in their order.
# RUN: -noexec -show-linked-files
# OUTPUT: Linking aarch64/shown_files.first.o
# OUTPUT: Linking aarch64/shown_files.second.o
	.data
	.globl main
main:
	.quad 0
