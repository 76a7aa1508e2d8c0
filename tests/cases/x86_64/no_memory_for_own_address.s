# A field that can hold the address of no memory is told as such.
# RUN ANYWHERE: -noexec
# FAILS: no_memory_for_own_address.o: .data+0x0:
# FAILS: against `main` can't hold an address of the module:
	.data
	.globl main
main:
	.2byte main
