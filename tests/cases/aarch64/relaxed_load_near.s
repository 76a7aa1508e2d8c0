# A pair of instructions that loads an address from the global offset table computes it instead. Within a MiB of its second
# instruction that is one `adr`, behind a `nop`.
# RUN: -noexec -abs target=0x10101003
# CHECK: *{4}main = 0xd503201f
# CHECK: *{4}(main + 4) = 0x707fffe5
# RUN: -noexec -abs target=0xff01004
# CHECK: *{4}main = 0xd503201f
# CHECK: *{4}(main + 4) = 0x10800005
	.text
	.globl main
	.type main, %function
main:
	adrp x5, :got:target
	ldr x5, [x5, :got_lo12:target]
	ret
