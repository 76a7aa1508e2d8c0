# R_X86_64_CODE_4_GOTTPOFF is GOTTPOFF under a REX2 prefix.
# RELOCATION: 22 becomes 44
# RUN: -noexec
# CHECK: *{8}((main + 8 + (*{4}(main + 4)))[31:0]) = variable - (image + 32)
	.text
	.globl main
	.type main, @function
main:
	.byte 0xd5, 0x48
	movl variable@gottpoff(%rip), %eax
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
