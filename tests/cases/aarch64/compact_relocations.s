# Compact relocations: a count and two flags, then for each what differs from the one before, in as few bytes as that takes.
# PATCH: sh_info of .crel.data = .data
# PATCH: sh_link of .crel.data = .symtab
# RUN: -noexec -abs first=0x1111 -abs second=0x2222
# CHECK: *{8}main = 0x1111
# CHECK: *{8}(main + 8) = 0x2227
# CHECK: *{8}(main + 16) = 0x2223
	.data
	.p2align 3
	.globl main
main:
	.zero 24
	.globl first, second
	.section .crel.data,"",%0x40000014
	# Three, with addends, offsets in units of 8 bytes.
	.uleb128 3 << 3 | 4 | 3
	# The first: offset 0, symbol +4, another type, addend 0.
	.byte 0x03
	.sleb128 4
	.sleb128 257
	# Offset +1, symbol +1, the same type, addend +5.
	.byte 0x0d
	.sleb128 1
	.sleb128 5
	# Offset +1, the same symbol and type, addend -4.
	.byte 0x0c
	.sleb128 -4
