# Arithmetic with an address from the global offset table takes it as an immediate instead, if it fits: 32 bits of it, with
# the sign of a number of 64 bits.
# RUN: -noexec -abs target=0x12345678
# CHECK: (*{4}main)[23:0] = 0xc18148
# CHECK: *{4}(main + 3) = 0x12345678
# CHECK: (*{4}(main + 7))[23:0] = 0xc98148
# CHECK: *{4}(main + 10) = 0x12345678
# CHECK: (*{4}(main + 14))[23:0] = 0xd18148
# CHECK: *{4}(main + 17) = 0x12345678
# CHECK: (*{4}(main + 21))[23:0] = 0xd98148
# CHECK: *{4}(main + 24) = 0x12345678
# CHECK: (*{4}(main + 28))[23:0] = 0xe18148
# CHECK: *{4}(main + 31) = 0x12345678
# CHECK: (*{4}(main + 35))[23:0] = 0xe98148
# CHECK: *{4}(main + 38) = 0x12345678
# CHECK: (*{4}(main + 42))[23:0] = 0xf18148
# CHECK: *{4}(main + 45) = 0x12345678
# CHECK: (*{4}(main + 49))[23:0] = 0xf98148
# CHECK: *{4}(main + 52) = 0x12345678
	.text
	.globl main
	.type main, @function
main:
	addq target@GOTPCREL(%rip), %rcx
	orq target@GOTPCREL(%rip), %rcx
	adcq target@GOTPCREL(%rip), %rcx
	sbbq target@GOTPCREL(%rip), %rcx
	andq target@GOTPCREL(%rip), %rcx
	subq target@GOTPCREL(%rip), %rcx
	xorq target@GOTPCREL(%rip), %rcx
	cmpq target@GOTPCREL(%rip), %rcx
	ret
