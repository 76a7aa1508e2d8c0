# A weak name without a definition has the address 0 when it is loaded from the global offset table, near and far.
# RUN: -noexec
# CHECK: (*{4}main)[23:0] = 0x058d48
# CHECK: (main + 7 + (*{4}(main + 3)))[31:0] = 0
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x7f0000000000 -slab-page-size 4096
# CHECK: (*{4}main)[23:0] = 0x058b48
# CHECK: *{8}(got_addr(relaxed_load_of_weak.o, absent)) = 0
	.text
	.globl main
	.type main, @function
main:
	movq absent@GOTPCREL(%rip), %rax
	ret
	.weak absent
