# R_AARCH64_GOT_LD_PREL19 loads a GOT entry by its distance.
# RUN: -noexec -abs target=0x7fff00000000
# CHECK: *{4}main = 0x58000000 | (((got_addr(got_literal_load.o, target) - main) << 3) & 0xffffe0)
# CHECK: *{8}(got_addr(got_literal_load.o, target)) = target
	.text
	.globl main
	.type main, %function
main:
	ldr x0, :got:target
	ret
