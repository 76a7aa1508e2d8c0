# Addresses of functions that instructions within them take without a relocation are linked as if they had one.
# RUN: -noexec -add-self-relocations -show-graphs=.
# OUTPUT: +0x4: Delta32 -> #0 `main` - 0x4
# RUN: -noexec -show-graphs=.
# OUTPUT: `main`, size
# NO OUTPUT: Delta32
# RUN: -noexec -add-self-relocations
# CHECK: (main + 8 + (*{4}(main + 4)))[31:0] = main
	.text
	.globl main
	.type main, @function
main:
1:	nop
	leaq 1b(%rip), %rax
	ret
	.size main, . - main
