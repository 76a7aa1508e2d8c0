# R_X86_64_TLSDESC is a descriptor in data.
# RELOCATION: 17 becomes 36
# RUN: -noexec
# CHECK: *{8}main = 0
# CHECK: *{8}(main + 8) = variable - (image + 32)
	.text
	.globl main
	.type main, @function
main:
	.quad variable@dtpoff
	.quad 0
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
