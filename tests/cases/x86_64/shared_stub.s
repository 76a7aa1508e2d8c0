# All calls of a function out of reach share one stub, which jumps by an entry of the global offset table.
# RUN: -noexec -abs target=0x7f0000000000
# CHECK: next_pc(main) + decode_operand(main, 0) = stub_addr(shared_stub.o, target)
# CHECK: next_pc(again) + decode_operand(again, 0) = stub_addr(shared_stub.o, target)
# CHECK: *{8}(got_addr(shared_stub.o, target)) = target
# RUN: -noexec -abs target=0x7f0000000000 -show-addrs
# OUTPUT: Stub "target"
	.text
	.globl main
	.type main, @function
main:
	call target@plt
	.globl again
again:
	call target@plt
	ret
