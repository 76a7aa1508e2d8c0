# `__start_X` and `__stop_X` are the bounds of all sections called X, which lie at one stretch in the order of the objects.
# RUN: -noexec
# CHECK: __stop_table - __start_table = 24
# CHECK: *{8}__start_table = 1
# CHECK: *{8}(__start_table + 16) = 3
# KERNEL
	.text
	.globl main
	.type main, %function
main:
	adrp x1, __start_table
	add x1, x1, :lo12:__start_table
	adrp x2, __stop_table
	add x2, x2, :lo12:__stop_table
	mov x0, #0
1:	cmp x1, x2
	b.hs 2f
	ldr x3, [x1], #8
	add x0, x0, x3
	b 1b
2:	sub x0, x0, #6
	ret
	.section table,"aw",%progbits
	.xword 1, 2
