# An indirect function that is called by an entry of the global offset table, or loaded from it, is what its resolver chose:
# no such instruction may go around the entry to the resolver.
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	pushq %rbx
	call *chosen@GOTPCREL(%rip)
	movl %eax, %ebx
	movq chosen@GOTPCREL(%rip), %rcx
	call *%rcx
	addl %ebx, %eax
	subl $84, %eax
	popq %rbx
	ret
	.globl chosen
	.type chosen, @gnu_indirect_function
chosen:
	leaq implementation(%rip), %rax
	ret
	.type implementation, @function
implementation:
	movl $42, %eax
	ret
