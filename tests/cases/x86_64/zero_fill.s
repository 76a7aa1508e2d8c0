# What has no content in the file is zero, behind what has, and may be written.
# RUN: -noexec
# CHECK: *{8}zeros = 0
# CHECK: *{8}(zeros + 0x8000) = 0
# RUN: -noexec -show-addrs
# OUTPUT: Section ".bss": target addr = 0x0000000010001000, zero-fill: 32776 bytes
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	movq zeros(%rip), %rax
	orq 0x8000+zeros(%rip), %rax
	movq $1, zeros(%rip)
	movq $1, 0x8000+zeros(%rip)
	ret
	.bss
	.p2align 3
	.globl zeros
zeros:
	.zero 0x8008
