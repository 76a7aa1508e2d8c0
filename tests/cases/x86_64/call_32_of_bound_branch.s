# R_X86_64_PLT32_BND is PLT32 under a BND prefix: the target, if it is near, and else a stub.
# RELOCATION: 4 becomes 40
# RUN: -noexec -abs target=0x10001800
# CHECK: next_pc(main) + (*{4}(main + 2)) = target
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: next_pc(main) + (*{4}(main + 2)) = stub_addr(call_32_of_bound_branch.o, target)
# CHECK: *{8}(got_addr(call_32_of_bound_branch.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	.byte 0xf2
	call target@PLT
	ret
