# A call goes past its stub where it reaches the function.
# RUN: -noexec -abs target=0x10800000
# CHECK: (decode_operand(main, 0) << 2) = target - main
# RUN: -noexec -abs target=0x20000000
# CHECK: (decode_operand(main, 0) << 2) = stub_addr(bypassed_stub.o, target) - main
	.text
	.globl main
	.type main, %function
main:
	bl target
	ret
