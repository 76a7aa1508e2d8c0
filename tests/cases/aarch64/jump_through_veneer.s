# A jump to a place of the same link that is out of its reach goes through a veneer, which holds the place's address.
# RUN: -noexec -slab-allocate 192Mb -slab-address 0x10000000 -slab-page-size 4096
# CHECK: far - main = 0x8100020
# CHECK: *{4}(main + (((*{4}main) << 2)[27:0])) = 0x58000050
# CHECK: *{8}(main + (((*{4}main) << 2)[27:0]) + 8) = far
	.text
	.globl main
	.type main, %function
main:
	b far
	ret
	.section .text.far,"ax",%nobits
	.space 0x8100000
	.globl far
far:
	.space 4
