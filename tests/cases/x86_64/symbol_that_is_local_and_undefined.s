# A local name is defined in its file: nothing else could define it.
# PATCH: st_shndx of own = 0
# RUN: -noexec
# FAILS: symbol_that_is_local_and_undefined.o: damaged: `own` is local and undefined; write the file again
	.data
	.globl main
main:
	.quad 0
	.type own, @object
own:
	.quad 0
