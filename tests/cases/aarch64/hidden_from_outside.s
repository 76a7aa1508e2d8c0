# A hidden name is not looked for outside of the link: neither in the process, nor on the command line.
# RUN: -noexec
# FAILS: nothing defines `strlen` (wanted by aarch64/hidden_from_outside.o: .data+0x0)
# RUN: -noexec -abs strlen=0x1000
# FAILS: nothing defines `strlen` (wanted by aarch64/hidden_from_outside.o: .data+0x0)
	.data
	.globl pointer
pointer:
	.quad strlen
	.hidden strlen
