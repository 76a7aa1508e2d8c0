# What needs thread-local storage can't run yet, and is refused by name.
# RUN:
# FAILS: `variable` needs thread-local storage
	.text
	.globl main
	.type main, @function
main:
	movl %fs:variable@tpoff, %eax
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
