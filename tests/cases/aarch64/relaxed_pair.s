# ADRP and LDR of a GOT entry compute the address instead: at once within 1 MiB, as page and offset within 4 GiB.
# RUN: -noexec -abs target=0x10080123
# CHECK: *{4}main = 0xd503201f
# CHECK: decode_operand(main + 4, 1) = target - (main + 4)
# CHECK: *{8}(got_addr(relaxed_pair.o, target)) = target
# RUN: -noexec -abs target=0x12345678
# CHECK: decode_operand(main, 1) = target[32:12] - main[32:12]
# CHECK: decode_operand(main + 4, 2) = target[11:0]
# CHECK: (*{4}(main + 4)) & 0xffc003ff = 0x910000a5
# RUN: -noexec -abs target=0x7f0000000000
# CHECK: (decode_operand(main + 4, 2) << 3) = got_addr(relaxed_pair.o, target)[11:0]
# CHECK: (*{4}(main + 4)) & 0xffc003ff = 0xf94000a5
	.text
	.globl main
	.type main, %function
main:
	adrp x5, :got:target
	ldr x5, [x5, :got_lo12:target]
	ret
