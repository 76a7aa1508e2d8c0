# Memory that is protected in another way begins on a page of its own, as large as pages are said to be.
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x10000000 -slab-page-size 65536
# CHECK: constant = 0x10000000
# CHECK: main = 0x10010000
# CHECK: variable = 0x10020000
	.text
	.globl main
	.type main, %function
main:
	ret
	.section .rodata,"a",%progbits
	.globl constant
constant:
	.quad 0
	.data
	.globl variable
variable:
	.quad 0
