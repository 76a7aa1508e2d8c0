# Two instructions that load an address from the global offset table stay if they use several registers, if something stands
# between them, or if the load is not of eight bytes.
# RUN: -noexec
# CHECK: (*{4}(registers + 4))[31:22] = 0x3e5
# CHECK: (*{4}(apart + 8))[31:22] = 0x3e5
# CHECK: (*{4}(crossed + 4))[31:22] = 0x3e5
# CHECK: (*{4}(crossed + 12))[31:22] = 0x3e5
# CHECK: (*{4}(reversed))[31:22] = 0x3e5
# CHECK: (*{4}(vector + 4))[31:22] = 0x3f5
	.text
	.globl registers, apart, crossed, reversed, vector
registers:
	adrp x5, :got:one
	ldr x6, [x5, :got_lo12:one]
apart:
	adrp x5, :got:two
	nop
	ldr x5, [x5, :got_lo12:two]
crossed:
	adrp x5, :got:three
	ldr x5, [x5, :got_lo12:four]
	adrp x5, :got:four
	ldr x5, [x5, :got_lo12:three]
	adrp x5, :got:five
	ret
reversed:
	ldr x5, [x5, :got_lo12:five]
	ret
vector:
	adrp x5, :got:six
	.inst 0xfd4000a5	// ldr d5, [x5]
	.reloc vector + 4, R_AARCH64_LD64_GOT_LO12_NC, six
	ret
	.data
	.globl one, two, three, four, five, six
one:
two:
three:
four:
five:
six:
	.quad 0
