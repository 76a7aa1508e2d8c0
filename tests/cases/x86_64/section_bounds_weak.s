# Weak references to the bounds of sections that don't exist are 0, so that a program finds no entries.
# RUN: -noexec
# CHECK: *{8}main = 0
# CHECK: *{8}(main + 8) = 0
	.data
	.globl main
main:
	.quad __start_nothing, __stop_nothing
	.weak __start_nothing, __stop_nothing
