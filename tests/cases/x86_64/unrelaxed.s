# Instructions are left as they are on demand, and go through the global offset table and stubs as they say.
# RUN: -noexec -no-relax -abs target=0x10100000
# CHECK: next_pc(main) + decode_operand(main, 0) = stub_addr(unrelaxed.o, target)
# CHECK: (*{4}load)[23:0] = 0x058b48
# RUN: -noexec -abs target=0x10100000
# CHECK: next_pc(main) + decode_operand(main, 0) = target
# CHECK: (*{4}load)[23:0] = 0x058d48
	.text
	.globl main
	.type main, @function
main:
	call target@plt
	.globl load
load:
	movq target@GOTPCREL(%rip), %rax
	ret
