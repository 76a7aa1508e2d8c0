# A reference by a distance that no memory can satisfy is told with what was asked and what to try.
# RUN ANYWHERE: -noexec -abs target=0x100000000000000
# FAILS: no_memory_in_reach.o: .data+0x0: Delta32 against `target` at 0x100000000000000 can't be reached:
# FAILS: compile with -fPIC
	.data
	.globl main
main:
	.long target - .
