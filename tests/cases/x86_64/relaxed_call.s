# A call by an entry of the global offset table goes directly, as `addr32 call`, and by the entry if that doesn't reach.
# RUN: -noexec -abs target=0x90001005
# CHECK: *{2}main = 0xe867
# CHECK: *{4}(main + 2) = 0x7fffffff
# RUN: -noexec -abs target=0x90001006
# CHECK: *{2}main = 0x15ff
# CHECK: *{8}((main + 6 + (*{4}(main + 2)))[31:0]) = target
# RUN: -noexec -abs target=0xffffffff90001006
# CHECK: *{2}main = 0xe867
# CHECK: *{4}(main + 2) = 0x80000000
# RUN: -noexec -abs target=0xffffffff90001005
# CHECK: *{2}main = 0x15ff
# CHECK: *{8}((main + 6 + (*{4}(main + 2)))[31:0]) = target
	.text
	.globl main
	.type main, @function
main:
	call *target@GOTPCREL(%rip)
	ret
