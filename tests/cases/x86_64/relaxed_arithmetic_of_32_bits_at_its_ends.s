# An immediate of 32-bit arithmetic holds addresses up to 0xffffffff; for others the entry is read, as its lower half may be
# meant.
# RUN: -noexec -abs target=0xffffffff
# CHECK: *{2}main = 0xc181
# CHECK: *{4}(main + 2) = 0xffffffff
# RUN: -noexec -abs target=0x100000000
# CHECK: *{2}main = 0x0d03
# CHECK: *{8}((main + 6 + (*{4}(main + 2)))[31:0]) = target
# RUN: -noexec -abs target=0xffffffff80000000
# CHECK: *{2}main = 0x0d03
# CHECK: *{8}((main + 6 + (*{4}(main + 2)))[31:0]) = target
	.text
	.globl main
	.type main, @function
main:
	addl target@GOTPCREL(%rip), %ecx
	ret
