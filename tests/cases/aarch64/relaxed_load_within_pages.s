# A pair of instructions that loads an address from the global offset table computes it instead. Further away than a MiB and
# within 4 GiB that is `adrp` and `add`; beyond, it stays a load.
# RUN: -noexec -abs target=0x10101004
# CHECK: *{4}main = 0x90000805
# CHECK: *{4}(main + 4) = 0x910010a5
# RUN: -noexec -abs target=0xff01003
# CHECK: *{4}main = 0x90fff805
# CHECK: *{4}(main + 4) = 0x91000ca5
# RUN: -noexec -abs target=0x110000fff
# CHECK: *{4}main = 0xf07fffe5
# CHECK: *{4}(main + 4) = 0x913ffca5
# RUN: -noexec -abs target=0x110001000
# CHECK: (*{4}(main + 4))[31:22] = 0x3e5
# CHECK: *{8}(got_addr(relaxed_load_within_pages.o, target)) = target
# RUN: -noexec -abs target=0xffffffff10001000
# CHECK: *{4}main = 0x90800005
# CHECK: *{4}(main + 4) = 0x910000a5
# RUN: -noexec -abs target=0xffffffff10000fff
# CHECK: (*{4}(main + 4))[31:22] = 0x3e5
# CHECK: *{8}(got_addr(relaxed_load_within_pages.o, target)) = target
	.text
	.globl main
	.type main, %function
main:
	adrp x5, :got:target
	ldr x5, [x5, :got_lo12:target]
	ret
