# A program finds its variables aligned as it asked.
# KERNEL
	.text
	.p2align 6
	.globl main
	.type main, @function
main:
	leaq main(%rip), %rax
	andl $63, %eax
	leaq page(%rip), %rcx
	andl $4095, %ecx
	orl %ecx, %eax
	leaq zeros(%rip), %rcx
	andl $4095, %ecx
	orl %ecx, %eax
	ret
	.data
	.byte 1
	.section .data.page,"aw",@progbits
	.p2align 12
page:
	.byte 2
	.bss
	.zero 1
	.p2align 12
zeros:
	.zero 1
