# Of an archive's object only the functions that something needs are linked, and of .eh_frame the records of these.
# ARCHIVE: libparts.a = second
# RUN: -noexec -show-relocated-section-contents
# OUTPUT: .eh_frame of aarch64/eh_frame_of_dead_function/libparts.a(second.o) content:
# NO OUTPUT: de ad
	.text
	.globl main
	.type main, %function
main:
	bl needed
