# A call of a place of the same link that is out of its reach goes through a veneer, which jumps by the place's address.
# RUN: -noexec -slab-allocate 3Gb -slab-address 0x10000000 -slab-page-size 4096
# CHECK: (far - main)[63:31] = 1
# CHECK: *{1}main = 0xe8
# CHECK: *{2}(next_pc(main) + decode_operand(main, 0)) = 0x25ff
# CHECK: *{8}(next_pc(main) + decode_operand(main, 0) + 6 + \
# CHECK:     (*{4}(next_pc(main) + decode_operand(main, 0) + 2))) = far
	.text
	.globl main
	.type main, @function
main:
	call far
	ret
	.section .text.far,"ax",@nobits
	.space 0x80000000
	.globl far
far:
	.space 4
