# Hidden, internal and protected names are found from the other objects of the link.
# RUN: -noexec
# CHECK: *{8}pointers = hidden
# CHECK: *{8}(pointers + 8) = internal
# CHECK: *{8}(pointers + 16) = protected
# CHECK: *{8}hidden = 1
	.data
	.globl pointers
pointers:
	.xword hidden, internal, protected
