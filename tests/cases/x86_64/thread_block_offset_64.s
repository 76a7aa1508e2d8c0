# R_X86_64_DTPOFF64 holds the offset in the block in 64 bits.
# RUN: -noexec
# CHECK: *{8}main = 8
	.text
	.globl main
	.type main, @function
main:
	.quad variable@dtpoff
	ret
	.section .tdata,"awT",@progbits
	.p2align 4
	.globl image
	.type image, @object
image:
	.quad 1
	.globl variable
	.type variable, @object
variable:
	.quad 2
	.section .tbss,"awT",@nobits
	.globl zeros
	.type zeros, @object
zeros:
	.quad 0
