# Debug information that is compressed by Zstandard is unpacked when it is asked for.
# PATCH: sh_flags of .debug_info = 0x800
# RUN: -noexec -debug-info -show-relocated-section-contents
# OUTPUT: .debug_info of aarch64/compressed_by_zstandard.o content:
# OUTPUT: 64 65 62 75 67 67 65 64
	.text
	.globl main
	.type main, %function
main:
	ret
	.section .debug_info,"",%progbits
	.long 2, 0
	.quad 8, 1
	# A frame of one raw block of eight bytes, the last one.
	.long 0xfd2fb528
	.byte 0x20, 8
	.byte 0x41, 0, 0
	.ascii "debugged"
