# A call goes past its stub where it reaches the function.
# RUN: -noexec -abs target=0x2000
# CHECK: *{4}(main + 1) = (target - (main + 5))[31:0]
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x2000
# CHECK: *{4}(main + 1) = (stub_addr(bypassed_stub.o, target) - (main + 5))[31:0]
	.text
	.globl main
	.type main, @function
main:
	call target@PLT
	ret
