# No memory is as aligned as two large pages.
# RUN: -noexec
# FAILS: alignment_too_large.o: .data+0x0: alignment 0x400000 is larger than 0x200000, the most that is taken
# FAILS: lower it in the source
	.data
	.p2align 22
