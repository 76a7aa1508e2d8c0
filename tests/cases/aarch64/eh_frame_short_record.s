# A record of .eh_frame that is too short to say what it is is refused.
# RUN: -noexec
# FAILS: eh_frame_short_record.o: .eh_frame+0x18: a record is shorter than its first word; assemble the file anew
	.section .eh_frame,"a",%progbits
	.long 0x14, 0
	.byte 1
	.asciz "zR"
	.byte 1, 0x78, 16, 1, 0x1b
	.zero 7
	.long 2
	.2byte 0
