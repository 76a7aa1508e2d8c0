# Without linking, an object is told not to load, with the reason and what to try; that is an error.
# RELOCATION: 1 becomes 5
# RUN: -explain
# STATUS: 1
# OUTPUT: x86_64/explained_refusal.o: would not load: .data+0x0: R_X86_64_COPY against `target`
# OUTPUT: refused; compile with -fPIC or other code-model options
	.data
	.globl main
main:
	.quad target
