# References by distances to places that are far from each other can't all reach.
# RUN ANYWHERE: -noexec -abs low=0x100000 -abs high=0x7f0000000000
# FAILS: references_pull_apart.o: .data+0x
# FAILS: can't be reached
# FAILS: other relocations of the module need addresses elsewhere; compile with -fPIC
	.data
	.globl main
main:
	.long low - ., high - .
