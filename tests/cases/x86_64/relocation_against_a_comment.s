# A section that is not loaded has no address that a relocation could be of.
# RUN: -noexec
# FAILS: relocation_against_a_comment.o: .data+0x0: R_X86_64_64 against
# FAILS: whose section is no part of memory
	.data
	.globl main
main:
	.quad note
	.section .comment,"",@progbits
note:
	.long 0
