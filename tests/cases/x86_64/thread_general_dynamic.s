# R_X86_64_TLSGD leads to two GOT words: the module, and the offset in its block.
# RUN: -noexec
# CHECK: *{8}(next_pc(main) + decode_operand(main, 4)) = 1
# CHECK: *{8}(next_pc(main) + decode_operand(main, 4) + 8) = 8
	.text
	.globl main
	.type main, @function
main:
	leaq variable@tlsgd(%rip), %rdi
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
