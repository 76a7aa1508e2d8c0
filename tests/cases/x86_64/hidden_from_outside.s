# A hidden name is not looked for outside of the link: the process has one of this name. What the command line defines counts
# as within.
# RUN: -noexec
# FAILS: nothing defines `strlen` (wanted by x86_64/hidden_from_outside.o: .data+0x0)
# RUN: -noexec -abs strlen=0x1000
# CHECK: *{8}pointer = 0x1000
	.data
	.globl pointer
pointer:
	.quad strlen
	.hidden strlen
