# R_AARCH64_ADR_GOT_PAGE and LD64_GOT_LO12_NC lead to a GOT entry.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: decode_operand(main, 1) = (got_addr(got_page_and_offset.o, target)[32:12]) - (main[32:12])
# CHECK: (decode_operand(main + 4, 2) << 3) = got_addr(got_page_and_offset.o, target)[11:0]
# CHECK: *{8}(got_addr(got_page_and_offset.o, target)) = target
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:target
	ldr x1, [x0, :got_lo12:target]
	ret
