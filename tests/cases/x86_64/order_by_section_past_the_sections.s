# A section that is ordered by another one names a section that the file has.
# PATCH: sh_link of .notes = 500
# RUN: -noexec
# FAILS: order_by_section_past_the_sections.o: .notes+0x0: damaged: section 500 of
	.text
	.globl main
	.type main, @function
main:
	ret
	.section .notes,"ao",@progbits,main
	.quad 0
