# A hidden reference is not satisfied from outside of the link.
# RUN: -noexec -abs target=0x1000
# FAILS: `target`
	.data
	.globl pointer
pointer:
	.xword target
	.hidden target
