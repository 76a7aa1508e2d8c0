# All calls of a function out of reach share one stub, which jumps by an entry of the global offset table.
# RUN: -noexec -abs target=0x7f0000000000
# CHECK: main + (((*{4}main) << 2)[27:0]) = stub_addr(shared_stub.o, target)
# CHECK: again + (((*{4}again) << 2)[27:0]) = stub_addr(shared_stub.o, target)
# CHECK: *{8}(got_addr(shared_stub.o, target)) = target
# RUN: -noexec -abs target=0x7f0000000000 -show-addrs
# OUTPUT: Stub "target"
	.text
	.globl main
	.type main, %function
main:
	bl target
	.globl again
again:
	bl target
	ret
