# In a link that runs, a load that no computation of the address replaces takes the address as an immediate, if that fits.
# RUN: -noexec -relax-to-immediates -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x7fffffff
# CHECK: *{2}main = 0xc748
# CHECK: *{4}(main + 3) = target
# RUN: -noexec -relax-to-immediates -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0xffffffff
# CHECK: *{2}main = 0xc740
# CHECK: *{4}(main + 3) = target
# RUN: -noexec -relax-to-immediates -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0xffffffff80000000
# CHECK: *{2}main = 0xc748
# CHECK: *{4}(main + 3) = target[31:0]
# RUN: -noexec -relax-to-immediates -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x100000000
# CHECK: *{2}main = 0x8b48
	.text
	.globl main
	.type main, @function
main:
	movq target@GOTPCREL(%rip), %rcx
	ret
