# R_AARCH64_LD64_GOTPAGE_LO15 counts from the page of the GOT's start.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: (decode_operand(main, 2) << 3) = got_addr(got_offset_from_page.o, target) - ((_GLOBAL_OFFSET_TABLE_ >> 12) << 12)
# CHECK: *{8}(got_addr(got_offset_from_page.o, target)) = target
	.text
	.globl main
	.type main, %function
main:
	ldr x0, [x0, :gotpage_lo15:target]
	ret
