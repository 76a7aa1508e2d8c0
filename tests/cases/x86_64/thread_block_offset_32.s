# R_X86_64_DTPOFF32 holds the offset in the block.
# RUN: -noexec
# CHECK: *{4}(main + 3) = 8
# CHECK: *{4}(main + 10) = 16
	.text
	.globl main
	.type main, @function
main:
	leaq variable@dtpoff(%rax), %rax
	leaq zeros@dtpoff(%rax), %rax
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
