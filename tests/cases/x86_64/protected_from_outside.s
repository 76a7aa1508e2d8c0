# A protected reference means a definition within the link, as a hidden one does.
# RUN: -noexec -abs target=0x1000
# FAILS: `target`
	.data
	.globl pointer
pointer:
	.quad target
	.protected target
