# R_X86_64_TPOFF64 holds the distance from the thread pointer in 64 bits.
# RUN: -noexec
# CHECK: *{8}main = variable - (image + 32)
	.text
	.globl main
	.type main, @function
main:
	.quad variable@tpoff
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
