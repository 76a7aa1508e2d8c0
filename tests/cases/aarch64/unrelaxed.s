# Instructions are left as they are on demand, and go through the global offset table and stubs as they say.
# RUN: -noexec -no-relax -abs target=0x10100000
# CHECK: main + (((*{4}main) << 2)[27:0]) = stub_addr(unrelaxed.o, target)
# CHECK: (*{4}(load + 4))[31:22] = 0x3e5
# RUN: -noexec -abs target=0x10100000
# CHECK: main + (((*{4}main) << 2)[27:0]) = target
# CHECK: *{4}load = 0xd503201f
	.text
	.globl main
	.type main, %function
main:
	bl target
	.globl load
load:
	adrp x0, :got:target
	ldr x0, [x0, :got_lo12:target]
	ret
