# R_X86_64_CODE_6_GOTTPOFF is GOTTPOFF under an EVEX prefix.
# RELOCATION: 22 becomes 50
# RUN: -noexec
# CHECK: *{8}((main + 9 + (*{4}(main + 5)))[31:0]) = variable - (image + 32)
	.text
	.globl main
	.type main, @function
main:
	.byte 0x62, 0xf4, 0xfc
	addl variable@gottpoff(%rip), %eax
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
