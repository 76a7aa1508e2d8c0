# R_X86_64_PLTOFF64 holds the distance from the GOT's start to a stub.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{8}(main + 2) = stub_addr(stub_offset_64.o, target) - _GLOBAL_OFFSET_TABLE_
# CHECK: *{8}(got_addr(stub_offset_64.o, target)) = target
	.text
	.globl main
	.type main, @function
main:
	movabsq $target@PLTOFF, %rax
	.fill 16, 1, 0x90
