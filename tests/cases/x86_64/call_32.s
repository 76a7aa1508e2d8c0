# R_X86_64_PLT32 calls directly what is in reach, and all else through a stub.
# RUN: -noexec -abs target=0x90001004
# CHECK: decode_operand(main, 0) = 0x7fffffff
# RUN: -noexec -abs target=0xffffffff90001005
# CHECK: decode_operand(main, 0)[31:0] = 0x80000000
# RUN: -noexec -abs target=0x90001005
# CHECK: next_pc(main) + decode_operand(main, 0) = stub_addr(call_32.o, target)
# CHECK: *{8}(got_addr(call_32.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	call target@plt
	ret
