# A pair of ADRP and LDR is not relaxed if the object names the same GOT entry elsewhere without a pair: something may jump
# from there to between the two.
# RUN: -noexec -abs target=0x12345678
# CHECK: (*{4}(main + 4)) & 0xffc003ff = 0xf9400000
# CHECK: decode_operand(main + 12, 1) = (got_addr(pair_beside_a_single_load.o, target)[32:12]) - (main[32:12])
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:target
1:	ldr x0, [x0, :got_lo12:target]
	cbz x0, 2f
	adrp x0, :got:target
	b 1b
2:	ret
