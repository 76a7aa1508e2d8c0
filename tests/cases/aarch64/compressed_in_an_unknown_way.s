# A way of compressing that is not known is refused.
# PATCH: sh_flags of .debug_info = 0x800
# RUN: -noexec -debug-info
# FAILS: compressed_in_an_unknown_way.o: .debug_info+0x0: compression of kind 9 is not supported
# FAILS: compile with -gz=none, -gz=zlib or -gz=zstd
	.text
	.globl main
	.type main, %function
main:
	ret
	.section .debug_info,"",%progbits
	.long 9, 0
	.quad 8, 1
	# A stored block of eight bytes within zlib's frame.
	.byte 0x78, 0x01, 0x01
	.2byte 8, ~8
	.ascii "debugged"
	.byte 0x0e, 0x7f, 0x03, 0x38
