# A resolver that chooses no function is an error of the load: what would be called later is nothing.
# RUN:
# FAILS: the resolver of the indirect function `chosen` at 0x
# FAILS: failed: it returned no address; the module is not loaded
	.text
	.globl main
	.type main, @function
main:
	jmp chosen
	.globl chosen
	.type chosen, @gnu_indirect_function
chosen:
	xorl %eax, %eax
	ret
