# Of a member that is linked, what nothing reaches is left out; what its constructors reach is not.
# ARCHIVE: libparts.a = other
# RUN: -noexec -show-addrs
# OUTPUT: "needed"
# OUTPUT: "constructor"
# NO OUTPUT: "unneeded"
	.text
	.globl main
	.type main, %function
main:
	b needed
