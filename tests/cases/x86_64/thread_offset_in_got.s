# R_X86_64_GOTTPOFF leads to a GOT entry that holds the distance from the thread pointer.
# RUN: -noexec
# CHECK: *{8}(next_pc(main) + decode_operand(main, 4)) = variable - (image + 32)
	.text
	.globl main
	.type main, @function
main:
	movq variable@gottpoff(%rip), %rax
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
