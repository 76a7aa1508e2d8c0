# `__dso_handle`, by which destructors are told from those of other modules, is there if it is asked for.
# RUN: -noexec
# CHECK: *{8}main = __dso_handle
# CHECK: *{8}__dso_handle = 0
	.data
	.globl main
main:
	.quad __dso_handle
