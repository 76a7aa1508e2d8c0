# A program in which each instruction that may be relaxed says the same as the word of the GOT that it would read.
# RUN: -noexec
# CHECK: *{2}main = 0x8d48
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	movq variable@GOTPCREL(%rip), %rcx
	movl variable@GOTPCREL(%rip), %r8d
	movq variable@GOTPCREL(%rip), %r9
	leaq variable(%rip), %rdx
	cmpq %rdx, %rcx
	jne 1f
	cmpq %rdx, %r9
	jne 1f
	movl %edx, %edx
	cmpq %rdx, %r8
	jne 1f
	cmpq variable@GOTPCREL(%rip), %r9
	jne 1f
	subq variable@GOTPCREL(%rip), %r9
	jnz 1f
	addq variable@GOTPCREL(%rip), %r9
	xorq variable@GOTPCREL(%rip), %r9
	jnz 1f
	orq variable@GOTPCREL(%rip), %r9
	andq variable@GOTPCREL(%rip), %r9
	testq %r9, variable@GOTPCREL(%rip)
	jz 1f
	cmpq %rcx, %r9
	jne 1f
	stc
	sbbq variable@GOTPCREL(%rip), %r9
	adcq variable@GOTPCREL(%rip), %r9
	addq $1, %rcx
	addq $1, %r9
	cmpq %rcx, %r9
	jne 1f
	call *one@GOTPCREL(%rip)
	cmpl $1, %eax
	jne 1f
	jmp *zero@GOTPCREL(%rip)
1:	movl $2, %eax
	ret
	.globl one
	.type one, @function
one:
	movl $1, %eax
	ret
	.globl zero
	.type zero, @function
zero:
	xorl %eax, %eax
	ret
	.data
	.globl variable
variable:
	.quad 1
