# A record of .eh_frame that is longer than what is left of its section is refused.
# RUN: -noexec
# FAILS: eh_frame_long_record.o: .eh_frame+0x18: a record is longer than what is left of the section; assemble the file anew
	.section .eh_frame,"a",%progbits
	.long 0x14, 0
	.byte 1
	.asciz "zR"
	.byte 1, 0x78, 16, 1, 0x1b
	.zero 7
	.long 5, 0x1c
