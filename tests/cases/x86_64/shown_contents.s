# The bytes of sections are shown on demand as they were linked, in lines that begin at multiples of their length.
# RUN: -noexec -show-relocated-section-contents
# OUTPUT: .data of x86_64/shown_contents.o content:
# OUTPUT: 0x0000000010000000: 04 00 00 10 00 00 00 00 00 01 02 03 04 05 06 07
# OUTPUT: 0x0000000010000010: 08 09
# OUTPUT: .bss of x86_64/shown_contents.o content:
# OUTPUT: 24 bytes of zeros from 0x0000000010000018
	.data
	.globl main
main:
	.quad main + 4
	.byte 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	.bss
	.p2align 3
	.globl zeros
zeros:
	.zero 24
