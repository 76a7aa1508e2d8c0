# A load becomes `lea` as far as that reaches, and stays a load beyond: 0x90001007 is the first address out of reach.
# RUN: -noexec -abs target=0x90001006
# CHECK: (*{4}main)[23:0] = 0x058d48
# CHECK: *{4}(main + 3) = 0x7fffffff
# RUN: -noexec -abs target=0x90001007
# CHECK: (*{4}main)[23:0] = 0x058b48
# CHECK: *{8}((main + 7 + (*{4}(main + 3)))[31:0]) = target
# RUN: -noexec -abs target=0xffffffff90001007
# CHECK: (*{4}main)[23:0] = 0x058d48
# CHECK: *{4}(main + 3) = 0x80000000
# RUN: -noexec -abs target=0xffffffff90001006
# CHECK: (*{4}main)[23:0] = 0x058b48
# CHECK: *{8}((main + 7 + (*{4}(main + 3)))[31:0]) = target
	.text
	.globl main
	.type main, @function
main:
	movq target@GOTPCREL(%rip), %rax
	ret
