# An absolute symbol that is loaded from the global offset table keeps its value, wherever the module lies; so does a weak
# name without a definition, whose value is 0.
# RUN: -noexec -abs fixed=0x1234
# CHECK: *{4}main = 0x90f80000
# CHECK: *{4}(main + 4) = 0x9108d000
# CHECK: *{4}(main + 8) = 0xf0f7ffe1
# CHECK: *{4}(main + 12) = 0x91000021
# RUN: -noexec -abs fixed=0x1234 -slab-allocate 1Mb -slab-address 0x7f0000000000 -slab-page-size 4096
# CHECK: (*{4}(main + 4))[31:22] = 0x3e5
# CHECK: *{8}(got_addr(relaxed_load_of_absolute.o, fixed)) = 0x1234
# CHECK: *{8}(got_addr(relaxed_load_of_absolute.o, absent)) = 0
	.text
	.globl main
	.type main, %function
main:
	adrp x0, :got:fixed
	ldr x0, [x0, :got_lo12:fixed]
	adrp x1, :got:absent
	ldr x1, [x1, :got_lo12:absent]
	ret
	.weak absent
