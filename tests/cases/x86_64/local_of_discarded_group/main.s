# Code that refers to a local name of a group that was discarded would use what isn't there.
# RUN: -noexec
# FAILS: local_of_discarded_group.other.o: .data+0x8: local `.text.shared` was left out with its section group
# FAILS: of which an earlier object's copy counts; compile both objects alike
	.section .text.shared,"axG",@progbits,shared,comdat
	.weak shared
shared:
	ret
