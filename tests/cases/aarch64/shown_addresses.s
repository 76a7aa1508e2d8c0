# The addresses of symbols, sections, entries of the global offset table and stubs are shown on demand.
# RUN: -noexec -show-addrs -abs far=0x7f0000000000
# OUTPUT: "main" target addr = 0x0000000010001000, content: 0 bytes in .text of aarch64/shown_addresses.o
# OUTPUT: "zeros" target addr = 0x0000000010002000, zero-fill: 8 bytes
# OUTPUT: "far" target addr = 0x00007f0000000000, defined outside of the link
# OUTPUT: File "aarch64/shown_addresses.o":
# OUTPUT: Section ".text": target addr = 0x0000000010001000, content: 8 bytes
# OUTPUT: Section ".bss": target addr = 0x0000000010002000, zero-fill: 8 bytes
# OUTPUT: GOT "far": target addr = 0x0000000010000000, content: 8 bytes for 0x00007f0000000000
# OUTPUT: Stub "far": target addr = 0x0000000010001010, content: 16 bytes for 0x00007f0000000000
	.text
	.globl main
	.type main, %function
main:
	bl far
	ret
	.bss
	.globl zeros
	.type zeros, %object
zeros:
	.quad 0
	.size zeros, 8
