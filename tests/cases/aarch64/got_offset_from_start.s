# R_AARCH64_LD64_GOTOFF_LO15 counts from the GOT's start.
# RELOCATION: 313 becomes 310
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: (decode_operand(main, 2) << 3) = got_addr(got_offset_from_start.o, target) - _GLOBAL_OFFSET_TABLE_
# CHECK: *{8}(got_addr(got_offset_from_start.o, target)) = target
	.text
	.globl main
	.type main, %function
main:
	ldr x0, [x0, :gotpage_lo15:target]
	ret
