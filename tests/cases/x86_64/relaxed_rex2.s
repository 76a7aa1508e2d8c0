# R_X86_64_CODE_4_GOTPCRELX is GOTPCRELX under a REX2 prefix, whose bits for the register move with it.
# RELOCATION: 41 becomes 43
# RUN: -noexec -abs target=0x12345678
# CHECK: *{4}main = 0x058d48d5
# CHECK: *{4}(main + 4) = target - (main + 8)
# RUN: -noexec -slab-allocate 1Mb -slab-address 0x4000000000 -slab-page-size 4096 -abs target=0x12345678
# CHECK: *{4}main = 0xc0c718d5
# CHECK: *{4}(main + 4) = target
	.text
	.globl main
	.type main, @function
main:
	# movq target@GOTPCREL(%rip), %r16
	.byte 0xd5, 0x48
	movl target@GOTPCREL(%rip), %eax
	ret
