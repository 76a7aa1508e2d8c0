# A member of a section group must be a section that the file has.
# RUN: -noexec
# FAILS: group_member_past_the_sections.other.o: .group+0x0: damaged: section 500 of
	.section .text.shared,"axG",@progbits,shared,comdat
	.weak shared
shared:
	ret
