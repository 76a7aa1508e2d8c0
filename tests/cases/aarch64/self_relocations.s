# Addresses of functions that instructions within them take without a relocation are linked as if they had one.
# RUN: -noexec -add-self-relocations -show-graphs=.
# OUTPUT: +0x4: Adr21 -> #1 `main`
# RUN: -noexec -show-graphs=.
# OUTPUT: `main`, size
# NO OUTPUT: Adr21
# RUN: -noexec -add-self-relocations
# CHECK: *{4}(main + 4) = 0x10ffffe0
	.text
	.globl main
	.type main, %function
main:
1:	nop
	adr x0, 1b
	ret
	.size main, . - main
