# R_X86_64_TPOFF32 holds the distance from the thread pointer, which stands at the block's end.
# RUN: -noexec
# CHECK: *{4}(main + 4) = (variable - (image + 32))[31:0]
# CHECK: *{4}(main + 4) = 0xffffffe8
# CHECK: *{4}(main + 12) = 0xfffffff0
	.text
	.globl main
	.type main, @function
main:
	movl %fs:variable@tpoff, %eax
	movl %fs:zeros@tpoff, %ecx
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
