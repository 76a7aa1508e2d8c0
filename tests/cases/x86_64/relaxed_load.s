# A load from the GOT becomes a load of the address itself, or takes the address as an immediate; beyond both it stays.
# RUN: -noexec -abs target=0x12345678
# CHECK: *{2}main = 0x8d48
# CHECK: decode_operand(main, 4) = target - next_pc(main)
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x7fffffff
# CHECK: *{2}main = 0xc748
# CHECK: *{4}(main + 3) = target
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0xffffffff
# CHECK: *{2}main = 0xc740
# CHECK: *{4}(main + 3) = target
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0xffffffff80000000
# CHECK: *{2}main = 0xc748
# CHECK: *{4}(main + 3) = target[31:0]
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x7f0000000000
# CHECK: *{2}main = 0x8b48
# CHECK: decode_operand(main, 4) = got_addr(relaxed_load.o, target) - next_pc(main)
	.text
	.globl main
	.type main, @function
main:
	movq target@GOTPCREL(%rip), %rcx
	ret
