# An absolute symbol that a load reads from the global offset table keeps its value, wherever the module lies: its distance
# is computed as of any address, and where that is out of reach the load stays.
# RUN: -noexec
# CHECK: (*{4}main)[23:0] = 0x058d48
# CHECK: (main + 7 + (*{4}(main + 3)))[31:0] = 0x1234
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x7f0000000000 -slab-page-size 4096
# CHECK: (*{4}main)[23:0] = 0x058b48
# CHECK: *{8}(got_addr(relaxed_load_of_absolute.o, fixed)) = 0x1234
	.text
	.globl main
	.type main, @function
main:
	movq fixed@GOTPCREL(%rip), %rax
	ret
	.globl fixed
	.set fixed, 0x1234
