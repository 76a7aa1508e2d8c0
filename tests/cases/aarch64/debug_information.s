# Debug information is read when it is asked for, and lies nowhere in memory.
# RUN: -noexec -show-addrs
# OUTPUT: "main"
# NO OUTPUT: ".debug_info"
# RUN: -noexec -debug-info -show-graphs=.
# OUTPUT: section #1 `.debug_info` of aarch64/debug_information.o: r--, no-alloc
# OUTPUT: Pointer64 -> #2 `main`
	.text
	.globl main
	.type main, %function
main:
	ret
	.section .debug_info,"",%progbits
	.quad main
