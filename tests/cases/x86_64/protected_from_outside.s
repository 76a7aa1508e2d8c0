# A protected reference means a definition within the link, as a hidden one does.
# RUN: -noexec
# FAILS: nothing defines `strlen` (wanted by x86_64/protected_from_outside.o: .data+0x0)
# RUN: -noexec -abs strlen=0x1000
# FAILS: nothing defines `strlen` (wanted by x86_64/protected_from_outside.o: .data+0x0)
	.data
	.globl pointer
pointer:
	.quad strlen
	.protected strlen
