# What one object does with an entry of the global offset table keeps no other object's pair of instructions from changing.
# RUN: -noexec
# CHECK: *{4}pair = 0xd503201f
# CHECK: (*{4}(single + 4))[31:22] = 0x3e5
	.text
	.globl pair
pair:
	adrp x5, :got:variable
	ldr x5, [x5, :got_lo12:variable]
	ret
