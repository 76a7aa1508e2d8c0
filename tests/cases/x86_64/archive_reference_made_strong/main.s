# A weak reference that a member of an archive makes strong asks for the member that defines the name.
# ARCHIVE: libparts.a = middle last
# RUN: -noexec
# CHECK: *{8}main = optional
# CHECK: *{8}optional = 1
	.data
	.globl main
main:
	.quad optional
	.quad middle
	.weak optional
