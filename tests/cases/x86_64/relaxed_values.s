# Instructions that read the global offset table do the same with and without it: loads, arithmetic, tests, calls and jumps,
# of addresses of the link, absolute ones and the 0 of a weak name.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	subq $8, %rsp
	leaq variable(%rip), %rcx
	movq variable@GOTPCREL(%rip), %r11
	movl $1, %eax
	cmpq %rcx, %r11
	jne end
	movl fixed@GOTPCREL(%rip), %edx
	movl $2, %eax
	cmpq $0x1234, %rdx
	jne end
	movq fixed@GOTPCREL(%rip), %r8
	movl $3, %eax
	cmpq $0x1234, %r8
	jne end
	movq absent@GOTPCREL(%rip), %rdi
	movl $4, %eax
	testq %rdi, %rdi
	jne end
	movl $1, %r9d
	addq fixed@GOTPCREL(%rip), %r9
	movl $5, %eax
	cmpq $0x1235, %r9
	jne end
	movl $6, %eax
	cmpq fixed@GOTPCREL(%rip), %r8
	jne end
	movl $0xedcb, %r10d
	testl %r10d, fixed@GOTPCREL(%rip)
	movl $7, %eax
	jne end
	call *callee@GOTPCREL(%rip)
	jmp *end@GOTPCREL(%rip)
	.globl end
end:
	addq $8, %rsp
	ret
	.globl callee
	.type callee, @function
callee:
	xorl %eax, %eax
	ret
	.globl fixed
	.set fixed, 0x1234
	.weak absent
	.data
	.globl variable
variable:
	.quad 0
