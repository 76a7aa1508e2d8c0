# R_X86_64_CODE_5_GOTTPOFF is GOTTPOFF in an instruction with a longer prefix.
# RELOCATION: 22 becomes 47
# RUN: -noexec
# CHECK: *{8}((main + 9 + (*{4}(main + 5)))[31:0]) = variable - (image + 32)
	.text
	.globl main
	.type main, @function
main:
	.byte 0xd5, 0x08
	addq variable@gottpoff(%rip), %rax
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
