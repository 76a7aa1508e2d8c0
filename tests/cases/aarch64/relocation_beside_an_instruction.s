# A relocation of an instruction stands where an instruction can.
# RUN: -noexec
# FAILS: relocation_beside_an_instruction.o: .text+0x2: damaged: R_AARCH64_CALL26 against `target`
# FAILS: stands at no instruction's address; write the file again
	.text
	.globl main
main:
	.hword 0
	bl target
