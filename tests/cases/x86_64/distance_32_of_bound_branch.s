# R_X86_64_PC32_BND is PC32 under a BND prefix.
# RELOCATION: 2 becomes 39
# RUN: -noexec -abs target=0x8fffffff
# CHECK: *{4}(main + 2) = 0x7fffffff - 2
# RUN: -noexec -abs target=0x90000001
# CHECK: *{4}(main + 2) = 0x7fffffff
# RUN: -noexec -abs target=0x90000002
# FAILS: out of range of
# RUN: -noexec -slab-address 0x90000000 -abs target=0x10000002
# CHECK: *{4}(main + 2) = 0x80000000
# RUN: -noexec -slab-address 0x90000000 -abs target=0x10000001
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	.byte 0xf2, 0xe8
	.long target - .
	ret
