# Debug information that is compressed by zlib is unpacked when it is asked for.
# PATCH: sh_flags of .debug_info = 0x800
# RUN: -noexec -debug-info -show-relocated-section-contents
# OUTPUT: .debug_info of x86_64/compressed_by_zlib.o content:
# OUTPUT: 64 65 62 75 67 67 65 64
	.text
	.globl main
	.type main, @function
main:
	ret
	.section .debug_info,"",@progbits
	.long 1, 0
	.quad 8, 1
	# A stored block of eight bytes within zlib's frame.
	.byte 0x78, 0x01, 0x01
	.2byte 8, ~8
	.ascii "debugged"
	.byte 0x0e, 0x7f, 0x03, 0x38
