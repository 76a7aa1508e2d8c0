# Debug information of older compilers is compressed by zlib, as its name tells, under which nobody looks for it.
# RUN: -noexec -debug-info -show-relocated-section-contents
# OUTPUT: .debug_info of aarch64/compressed_before_there_was_a_flag.o content:
# OUTPUT: 64 65 62 75 67 67 65 64
	.text
	.globl main
	.type main, %function
main:
	ret
	.section .zdebug_info,"",%progbits
	.ascii "ZLIB"
	.byte 0, 0, 0, 0, 0, 0, 0, 8
	# A stored block of eight bytes within zlib's frame.
	.byte 0x78, 0x01, 0x01
	.2byte 8, ~8
	.ascii "debugged"
	.byte 0x0e, 0x7f, 0x03, 0x38
