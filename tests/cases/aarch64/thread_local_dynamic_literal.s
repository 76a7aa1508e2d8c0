# R_AARCH64_TLSLD_LD_PREL19 loads the module's GOT word by its distance.
# RELOCATION: 543 becomes 522
# RUN: -noexec
# CHECK: *{8}((0x10000000 + ((main + ((*{4}main)[23:5] << 2))[20:0]))) = 1
	.text
	.globl main
	.type main, %function
main:
	ldr x0, :gottprel:variable
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.zero 0x1238
	.globl variable
	.type variable, %object
variable:
	.xword 2
	.section .tbss,"awT",%nobits
	.globl zeros
	.type zeros, %object
zeros:
	.xword 0
