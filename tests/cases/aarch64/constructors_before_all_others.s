# Constructors that programs have and modules don't are refused, rather than not run.
# RUN: -noexec
# FAILS: .preinit_array+0x0: this kind of section is not supported; use .init_array for constructors
	.section .preinit_array,"aw",%preinit_array
	.quad 0
