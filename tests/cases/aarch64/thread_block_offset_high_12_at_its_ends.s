# R_AARCH64_TLSLD_ADD_DTPREL_HI12 takes the offset in the block from 0 to 0xffffff.
# RUN: -noexec
# CHECK: (*{4}main)[21:10] = 0xfff
# CHECK: (*{4}(main + 4))[21:10] = 0
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	add x0, x0, :dtprel_hi12:image + 0xffffff
	add x0, x0, :dtprel_hi12:image
	ret
	.section .text.too_far,"ax",%progbits
too_far:
	add x0, x0, :dtprel_hi12:image + 0x1000000
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.xword 1
