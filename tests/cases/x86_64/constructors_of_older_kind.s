# Constructors that would run in another order than those of .init_array are refused, rather than not run.
# RUN: -noexec
# FAILS: constructors_of_older_kind.o: .ctors+0x0: this kind of section is not supported; use .init_array for constructors
	.section .ctors,"aw",@progbits
	.quad 0
