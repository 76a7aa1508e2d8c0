# R_X86_64_CODE_5_GOTPCRELX is GOTPCREL in an instruction with a longer prefix.
# RELOCATION: 9 becomes 46
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}((main + 9 + (*{4}(main + 5)))[31:0]) = target
	.text
	.globl main
	.type main, @function
main:
	.byte 0xd5, 0x08
	.byte 0x48, 0x03, 0x05
	.long target@GOTPCREL - 4
	ret
