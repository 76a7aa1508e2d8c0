//@ machine: x86_64
// GOT loads that a linker may rewrite (GOTPCRELX, REX_GOTPCRELX) in each form of instruction, beside those that it may not.
	.text
	.globl main
	.type main, %function
main:
	pushq %rbx
	movq value@GOTPCREL(%rip), %rax
	cmpl $42, (%rax)
	jne 1f
	movq value@GOTPCREL(%rip), %r11
	cmpl $42, (%r11)
	jne 2f
	call *answer@GOTPCREL(%rip)
	cmpl $7, %eax
	jne 3f
	leaq value(%rip), %rbx
	cmpq %rbx, value@GOTPCREL(%rip)
	jne 4f
	xorl %edx, %edx
	addq value@GOTPCREL(%rip), %rdx
	cmpq %rbx, %rdx
	jne 5f
	testq %rbx, value@GOTPCREL(%rip)
	jz 6f
	pushq value@GOTPCREL(%rip)
	popq %rcx
	cmpq %rbx, %rcx
	jne 7f
	xorl %eax, %eax
	popq %rbx
	jmp *tail@GOTPCREL(%rip)
1:	movl $1, %eax
	jmp 9f
2:	movl $2, %eax
	jmp 9f
3:	movl $3, %eax
	jmp 9f
4:	movl $4, %eax
	jmp 9f
5:	movl $5, %eax
	jmp 9f
6:	movl $6, %eax
	jmp 9f
7:	movl $7, %eax
9:	popq %rbx
	ret

	.type answer, %function
	.globl answer
answer:
	movl $7, %eax
	ret

	.type tail, %function
	.globl tail
tail:
	ret

	.data
	.globl value
	.balign 4
value:
	.long 42
	.section .note.GNU-stack,"",%progbits
