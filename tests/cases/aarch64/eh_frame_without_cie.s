# A record of .eh_frame whose distance leads to no CIE is refused.
# RUN: -noexec
# FAILS: eh_frame_without_cie.o: .eh_frame+0x1c: no CIE stands 0x18 bytes before; assemble the file anew
	.section .eh_frame,"a",%progbits
	.long 0x14, 0
	.byte 1
	.asciz "zR"
	.byte 1, 0x78, 16, 1, 0x1b
	.zero 7
	.long 12, 0x18, 0, 1
