# Of two archives that define a name, and of two members of one, the first counts; the other ones aren't asked.
# ARCHIVE: libfirst.a = one two
# ARCHIVE: libsecond.a = three
# RUN: -noexec
# CHECK: *{8}(*{8}main) = 1
	.data
	.globl main
main:
	.quad chosen
