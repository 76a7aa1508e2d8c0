# A test of an address from the global offset table takes it as an immediate instead.
# RUN: -noexec -abs target=0x12345678
# CHECK: *{2}main = 0xc1f7
# CHECK: *{4}(main + 2) = 0x12345678
# CHECK: (*{4}(main + 6))[23:0] = 0xc2f749
# CHECK: *{4}(main + 9) = 0x12345678
	.text
	.globl main
	.type main, @function
main:
	testl %ecx, target@GOTPCREL(%rip)
	testq %r10, target@GOTPCREL(%rip)
	ret
