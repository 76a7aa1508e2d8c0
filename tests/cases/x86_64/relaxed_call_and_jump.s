# Calls and jumps to where the GOT tells go directly, by the distance; a value of 32 bits out of reach is no distance.
# RUN: -noexec -abs target=0x2000
# CHECK: *{2}main = 0xe867
# CHECK: *{4}(main + 2) = (target - (main + 6))[31:0]
# CHECK: *{1}(main + 6) = 0xe9
# CHECK: *{4}(main + 7) = (target - (main + 11))[31:0]
# CHECK: *{1}(main + 11) = 0x90
# CHECK: *{8}(got_addr(relaxed_call_and_jump.o, target)) = target
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x2000
# CHECK: *{2}main = 0x15ff
# CHECK: *{4}(main + 2) = (got_addr(relaxed_call_and_jump.o, target) - (main + 6))[31:0]
# CHECK: *{2}(main + 6) = 0x25ff
# CHECK: *{4}(main + 8) = (got_addr(relaxed_call_and_jump.o, target) - (main + 12))[31:0]
	.text
	.globl main
	.type main, @function
main:
	call *target@GOTPCREL(%rip)
	jmp *target@GOTPCREL(%rip)
