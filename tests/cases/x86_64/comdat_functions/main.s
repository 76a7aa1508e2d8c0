# Of functions in groups of one name the first object's counts for all objects, with the data that its code uses.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	pushq %rbx
	call shared
	movl %eax, %ebx
	call other
	addl %ebx, %eax
	subl $2, %eax
	popq %rbx
	ret
	.section .text.shared,"axG",@progbits,shared,comdat
	.globl shared
	.type shared, @function
shared:
	movl value(%rip), %eax
	ret
	.section .rodata.shared,"aG",@progbits,shared,comdat
	.p2align 2
value:
	.long 1
