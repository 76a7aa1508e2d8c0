# R_AARCH64_TLSLE_LDST64_TPREL_LO12 takes the offset from the thread pointer from 0 to 0xff8.
# RUN: -noexec
# CHECK: (*{4}main)[21:10] = 0x1ff
# CHECK: (*{4}(main + 4))[21:10] = 0
# RUN: -noexec -no-gc-sections
# FAILS: out of range of
	.text
	.globl main
	.type main, %function
main:
	ldr x0, [x0, :tprel_lo12:image + 0xfe8]
	ldr x0, [x0, :tprel_lo12:image - 0x10]
	ret
	.section .text.too_far,"ax",%progbits
too_far:
	ldr x0, [x0, :tprel_lo12:image + 0xff0]
	ret
	.section .tdata,"awT",%progbits
	.p2align 4
	.globl image
	.type image, %object
image:
	.xword 1
