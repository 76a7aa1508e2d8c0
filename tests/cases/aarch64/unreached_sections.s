# What nothing reaches is left out, as a static linker does: what others could ask for stays, what it refers to, and what is
# retained.
# RUN: -noexec -show-addrs
# OUTPUT: "main"
# OUTPUT: "reached"
# OUTPUT: "retained"
# NO OUTPUT: "unreached"
# RUN: -noexec -show-addrs -no-gc-sections
# OUTPUT: "unreached"
	.text
	.globl main
	.type main, %function
main:
	b reached
	.section .text.reached,"ax",%progbits
	.type reached, %function
reached:
	ret
	.section .text.unreached,"ax",%progbits
	.type unreached, %function
unreached:
	b main
	.section .text.retained,"axR",%progbits
	.type retained, %function
retained:
	ret
