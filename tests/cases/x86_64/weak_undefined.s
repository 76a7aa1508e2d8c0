# A weak name that nothing defines is 0 in data and in the GOT, and a call of it doesn't overflow.
# RUN: -noexec
# CHECK: *{8}pointer = 0
# CHECK: *{8}(got_addr(weak_undefined.o, nothing)) = 0
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	movq nothing@GOTPCREL(%rip), %rax
	testq %rax, %rax
	jz 1f
	call nothing@plt
	movl $1, %eax
	ret
1:	movl pointer(%rip), %eax
	ret
	.data
	.globl pointer
pointer:
	.quad nothing
	.weak nothing
