# Relocations that only a dynamic linker knows are refused by their names.
# RELOCATION: 1 becomes 5
# RUN: -noexec
# FAILS: relocation_that_objects_have_not.o: .data+0x0: R_X86_64_COPY against `target` is not supported in a relocatable object
# FAILS: compile with -fPIC or other code-model options
	.data
	.globl main
main:
	.quad target
