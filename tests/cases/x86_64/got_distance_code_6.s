# R_X86_64_CODE_6_GOTPCRELX is GOTPCREL in an instruction with a longer prefix.
# RELOCATION: 9 becomes 49
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}((main + 10 + (*{4}(main + 6)))[31:0]) = target
	.text
	.globl main
	.type main, @function
main:
	.byte 0x62, 0xf4, 0xfc
	.byte 0x48, 0x03, 0x05
	.long target@GOTPCREL - 4
	ret
