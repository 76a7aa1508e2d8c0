# A name may stand for what another one stands for, of the link or outside of it; not if an object defines it itself.
# RUN: -noexec -alias wanted=main -alias also_wanted=fixed -abs fixed=0x1234
# CHECK: *{8}main = main
# CHECK: *{8}(main + 8) = 0x1234
# RUN: -noexec -alias main=other -phony-externals
# FAILS: -alias main: an object defines `main` already; choose another name
	.data
	.globl main
main:
	.quad wanted, also_wanted
