# Without linking, an object is told to load, with the memory that it takes and its relocations by kind.
# RUN: -explain
# OUTPUT: x86_64/explained.o: would load
# OUTPUT: rw-: 16 bytes
# OUTPUT: R_X86_64_64
	.data
	.globl main
main:
	.quad main, main
