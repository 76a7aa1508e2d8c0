# Every missing name is told, with the first place that wants it.
# RUN: -noexec
# FAILS: `first` (wanted by x86_64/missing_symbols.o: .data+0x8), `second` (wanted by x86_64/missing_symbols.o: .data+0x10)
	.data
	.globl pointers
pointers:
	.quad 0, first, second, first
