# What is wrong with an option is told on one line, with the one that was meant.
# RUN: -noexc
# FAILS: there is no option -noexc; did you mean -noexec? -help shows all
# RUN: -noexec -slab-page-size 3
# FAILS: '--slab-page-size <BYTES>': a page has a power of two of bytes; see -help
# RUN: -noexec -abs target
# FAILS: '--abs <NAME=ADDRESS>': it must be NAME=ADDRESS; see -help
# RUN: -noexec absent.o
# FAILS: absent.o can't be read:
	.data
	.globl main
main:
	.quad 0
