# A rule that doesn't hold is shown with both of its values, as is one that can't be evaluated; the tool fails then.
# RUN: -noexec
# CHECK: *{8}main = 5
# CHECK: *{8}absent = 5
# FAILS: Expression '*{8}main = 5' is false: 0x4 != 0x5
# FAILS: Expression '*{8}absent = 5' can't be evaluated:
# FAILS: Some checks in
	.data
	.globl main
main:
	.quad 4
