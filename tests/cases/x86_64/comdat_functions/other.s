	.text
	.globl other
	.type other, @function
other:
	jmp shared
	.section .text.shared,"axG",@progbits,shared,comdat
	.globl shared
	.type shared, @function
shared:
	movl value(%rip), %eax
	addl $7, %eax
	ret
	.section .rodata.shared,"aG",@progbits,shared,comdat
	.p2align 2
value:
	.long 5
