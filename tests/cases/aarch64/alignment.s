# Sections lie as they ask to be aligned, up to a large page.
# RUN: -noexec -slab-allocate 8Mb -slab-address 0x10000000 -slab-page-size 4096
# CHECK: page[11:0] = 0
# CHECK: large_page[20:0] = 0
# CHECK: main[5:0] = 0
	.text
	.p2align 6
	.globl main
	.type main, %function
main:
	ret
	.data
	.globl small
small:
	.byte 1
	.section .data.page,"aw",%progbits
	.p2align 12
	.globl page
page:
	.byte 2
	.section .bss.large,"aw",%nobits
	.p2align 21
	.globl large_page
large_page:
	.zero 1
