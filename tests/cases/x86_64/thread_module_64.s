# R_X86_64_DTPMOD64 holds the module, of which there is one.
# RELOCATION: 17 becomes 16
# RUN: -noexec
# CHECK: *{8}main = 1
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
