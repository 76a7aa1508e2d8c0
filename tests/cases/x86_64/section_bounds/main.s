# `__start_X` and `__stop_X` are the bounds of all sections called X, which lie at one stretch in the order of the objects.
# RUN: -noexec
# CHECK: __stop_table - __start_table = 24
# CHECK: *{8}__start_table = 1
# CHECK: *{8}(__start_table + 16) = 3
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	leaq __start_table(%rip), %rcx
	leaq __stop_table(%rip), %rdx
	xorl %eax, %eax
1:	cmpq %rdx, %rcx
	jae 2f
	addq (%rcx), %rax
	addq $8, %rcx
	jmp 1b
2:	subq $6, %rax
	ret
	.section table,"aw",@progbits
	.quad 1, 2
