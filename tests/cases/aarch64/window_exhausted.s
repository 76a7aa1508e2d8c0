# A module that must lie near something, and is too large for the memory there, is told its size and where it had to lie.
# RUN ANYWHERE: -noexec -abs low=0x100000
# FAILS: window_exhausted.o: .data+0x0: Delta32Either against `low` at 0x100000 can't be reached: the module window has no free
# FAILS: unload modules or widen it
	.data
	.globl main
main:
	.long low - .
	.bss
	.globl zeros
zeros:
	.zero 0x100000000
