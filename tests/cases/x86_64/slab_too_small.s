# Memory of a fixed size that is too small is told with the size that would be enough.
# RUN: -noexec -slab-allocate 4Kb -slab-address 0x10000000 -slab-page-size 4096
# FAILS: the slab of 0x1000 bytes is 0x3000 too small; give -slab-allocate 16Kb
	.text
	.globl main
	.type main, @function
main:
	ret
	.bss
	.globl zeros
zeros:
	.zero 12288
