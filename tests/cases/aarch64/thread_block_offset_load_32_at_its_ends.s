# R_AARCH64_TLSLD_LDST32_DTPREL_LO12 takes the offset in the block from 0 to 0xffc.
# RUN: -noexec
# CHECK: (*{4}main)[21:10] = 0x3ff
# CHECK: (*{4}(main + 4))[21:10] = 0
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	ldr w0, [x0, :dtprel_lo12:image + 0xffc]
	ldr w0, [x0, :dtprel_lo12:image]
	ret
	.section .text.too_far,"ax",%progbits
too_far:
	ldr w0, [x0, :dtprel_lo12:image + 0x1000]
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.xword 1
