# What can't be unpacked is refused.
# PATCH: sh_flags of .debug_info = 0x800
# RUN: -noexec -debug-info
# FAILS: compressed_section_is_damaged.o: .debug_info+0x0: damaged: a compressed section can't be decoded; write the file again
	.text
	.globl main
	.type main, @function
main:
	ret
	.section .debug_info,"",@progbits
	.long 1, 0
	.quad 8, 1
	# A stored block of eight bytes within zlib's frame.
	.byte 0x78, 0x02, 0x01
	.2byte 8, ~8
	.ascii "debugged"
	.byte 0x0e, 0x7f, 0x03, 0x38
