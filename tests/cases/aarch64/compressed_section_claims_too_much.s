# A compressed section is not believed to hold more than its bytes could stand for: no memory is taken for it.
# PATCH: sh_flags of .debug_info = 0x800
# RUN: -noexec -debug-info
# FAILS: compressed_section_claims_too_much.o: .debug_info+0x0: damaged: a compressed section claims more than its bytes can stand for
	.text
	.globl main
	.type main, %function
main:
	ret
	.section .debug_info,"",%progbits
	.long 1, 0
	.quad 1 << 40, 1
	# A stored block of eight bytes within zlib's frame.
	.byte 0x78, 0x01, 0x01
	.2byte 8, ~8
	.ascii "debugged"
	.byte 0x0e, 0x7f, 0x03, 0x38
