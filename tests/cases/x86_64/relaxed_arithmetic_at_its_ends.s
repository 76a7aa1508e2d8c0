# An immediate of 64-bit arithmetic holds addresses from -0x80000000 to 0x7fffffff; for others the entry is read.
# RUN: -noexec -abs target=0x7fffffff
# CHECK: (*{4}main)[23:0] = 0xc18148
# CHECK: *{4}(main + 3) = 0x7fffffff
# RUN: -noexec -abs target=0x80000000
# CHECK: (*{4}main)[23:0] = 0x0d0348
# CHECK: *{8}((main + 7 + (*{4}(main + 3)))[31:0]) = target
# RUN: -noexec -abs target=0xffffffff80000000
# CHECK: (*{4}main)[23:0] = 0xc18148
# CHECK: *{4}(main + 3) = 0x80000000
# RUN: -noexec -abs target=0xffffffff7fffffff
# CHECK: (*{4}main)[23:0] = 0x0d0348
# CHECK: *{8}((main + 7 + (*{4}(main + 3)))[31:0]) = target
	.text
	.globl main
	.type main, @function
main:
	addq target@GOTPCREL(%rip), %rcx
	ret
