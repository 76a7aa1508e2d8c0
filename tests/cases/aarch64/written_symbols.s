# The address of each symbol of the link is written on demand, local ones too, by files.
# RUN: -noexec -write-symtab -
# OUTPUT: "aarch64/written_symbols.o"
# OUTPUT: 0x10000000 main
# OUTPUT: 0x10000008 local
	.data
	.globl main
main:
	.quad local
	.type local, %object
local:
	.quad 0
