# R_X86_64_CODE_6_GOTPC32_TLSDESC is GOTPC32_TLSDESC in an instruction with a longer prefix.
# RELOCATION: 34 becomes 51
# RUN: -noexec
# CHECK: *{8}((main + 10 + (*{4}(main + 6)))[31:0] + 8) = variable - (image + 32)
	.text
	.globl main
	.type main, @function
main:
	.byte 0x62, 0xf4, 0xfc
	leaq variable@tlsdesc(%rip), %rax
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
