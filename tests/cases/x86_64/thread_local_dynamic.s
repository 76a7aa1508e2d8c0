# R_X86_64_TLSLD leads to two GOT words: the module, and the offset 0.
# RUN: -noexec
# CHECK: *{8}(next_pc(main) + decode_operand(main, 4)) = 1
# CHECK: *{8}(next_pc(main) + decode_operand(main, 4) + 8) = 0
	.text
	.globl main
	.type main, @function
main:
	leaq variable@tlsld(%rip), %rdi
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
