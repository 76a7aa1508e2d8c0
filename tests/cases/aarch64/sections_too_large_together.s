# Sections that are larger than an address space together are refused.
# RUN: -noexec -slab-address 0xffff800000000000 -no-gc-sections
# FAILS: the sections together are larger than an address space
	.macro large count
	.section .bss.\count,"aw",%nobits
	.zero 1 << 47
	.endm
	.altmacro
	.set count, 0
	.rept 4
	large %count
	.set count, count + 1
	.endr
