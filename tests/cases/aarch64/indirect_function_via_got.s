# An indirect function that is called by an entry of the global offset table, or loaded from it, is what its resolver chose:
# no such instruction may go around the entry to the resolver.
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	stp x29, x30, [sp, #-16]!
	adrp x1, :got:chosen
	ldr x1, [x1, :got_lo12:chosen]
	blr x1
	sub w0, w0, #42
	ldp x29, x30, [sp], #16
	ret
	.globl chosen
	.type chosen, %gnu_indirect_function
chosen:
	adrp x0, implementation
	add x0, x0, :lo12:implementation
	ret
	.type implementation, %function
implementation:
	mov w0, #42
	ret
