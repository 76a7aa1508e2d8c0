# A symbol may lie behind its section, but not where no section can be.
# PATCH: st_value of main = 0x800000000001
# RUN: -noexec
# FAILS: symbol_far_behind_its_section.o: damaged: `main` lies 0x800000000001 bytes into its section; write the file again
	.text
	.globl main
	.type main, @function
main:
	ret
