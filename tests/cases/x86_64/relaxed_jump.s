# A jump by an entry of the global offset table goes directly, a byte shorter and with a `nop` after it, and by the entry if
# that doesn't reach.
# RUN: -noexec -abs target=0x90001004
# CHECK: *{1}main = 0xe9
# CHECK: *{4}(main + 1) = 0x7fffffff
# CHECK: *{2}(main + 5) = 0xc390
# RUN: -noexec -abs target=0x90001005
# CHECK: *{2}main = 0x25ff
# CHECK: *{8}((main + 6 + (*{4}(main + 2)))[31:0]) = target
# RUN: -noexec -abs target=0xffffffff90001005
# CHECK: *{1}main = 0xe9
# CHECK: *{4}(main + 1) = 0x80000000
# RUN: -noexec -abs target=0xffffffff90001004
# CHECK: *{2}main = 0x25ff
# CHECK: *{8}((main + 6 + (*{4}(main + 2)))[31:0]) = target
	.text
	.globl main
	.type main, @function
main:
	jmp *target@GOTPCREL(%rip)
	ret
