# A section of .eh_frame that ends within the length of a record is refused.
# RUN: -noexec
# FAILS: eh_frame_cut_off_length.o: .eh_frame+0x18: the section ends within the length of a record; assemble the file anew
	.section .eh_frame,"a",@unwind
	.long 0x14, 0
	.byte 1
	.asciz "zR"
	.byte 1, 0x78, 16, 1, 0x1b
	.zero 7
	.2byte 1
