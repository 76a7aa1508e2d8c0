# What follows .init_array in the name of a section is a priority below 65536.
# RUN: -noexec
# FAILS: constructor_priority_is_no_number.o: .init_array.first+0x0: damaged: the priority in the section's name is no number below 65536
	.section .init_array.first,"aw",@init_array
	.quad 0
