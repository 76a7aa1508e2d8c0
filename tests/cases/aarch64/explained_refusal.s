# Without linking, an object is told not to load, with the reason and what to try; that is an error.
# RELOCATION: 257 becomes 1024
# RUN: -explain
# STATUS: 1
# OUTPUT: aarch64/explained_refusal.o: would not load: .data+0x0: R_AARCH64_COPY against `target`
# OUTPUT: refused; compile with -fPIC or other code-model options
	.data
	.globl main
main:
	.quad target
