# R_X86_64_GOTPC32_TLSDESC leads to two GOT words, the second of which holds the distance from the thread pointer; TLSDESC_CALL writes nothing.
# RUN: -noexec
# CHECK: *{8}(next_pc(main) + decode_operand(main, 4)) = 0
# CHECK: *{8}(next_pc(main) + decode_operand(main, 4) + 8) = variable - (image + 32)
# CHECK: *{2}(main + 7) = 0x10ff
	.text
	.globl main
	.type main, @function
main:
	leaq variable@tlsdesc(%rip), %rax
	call *variable@tlscall(%rax)
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
