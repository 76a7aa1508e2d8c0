# Memory is taken where the module's references by distances reach.
# RUN ANYWHERE: -noexec -abs low=0x100000
# CHECK: (main + (*{4}main))[31:0] = low
# CHECK: main[63:32] = 0
	.data
	.globl main
main:
	.long low - .
