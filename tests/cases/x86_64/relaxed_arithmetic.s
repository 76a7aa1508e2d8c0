# TEST, CMP and their like take an address that fits as an immediate; those of 64 bits take it as a signed number.
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x7fffffff
# CHECK: *{2}main = 0xf749
# CHECK: *{1}(main + 2) = 0xc7
# CHECK: *{4}(main + 3) = target
# CHECK: *{2}(main + 7) = 0x8148
# CHECK: *{1}(main + 9) = 0xfb
# CHECK: *{4}(main + 10) = target
# CHECK: *{2}(main + 14) = 0xc381
# CHECK: *{4}(main + 16) = target
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x80000000
# CHECK: *{2}main = 0x854c
# CHECK: *{2}(main + 7) = 0x3b48
# CHECK: *{2}(main + 14) = 0xc381
# CHECK: *{4}(main + 16) = target
	.text
	.globl main
	.type main, @function
main:
	testq %r15, target@GOTPCREL(%rip)
	cmpq target@GOTPCREL(%rip), %rbx
	addl target@GOTPCREL(%rip), %ebx
	ret
