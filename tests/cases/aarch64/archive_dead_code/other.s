	.section .text.needed,"ax",%progbits
	.globl needed
	.type needed, %function
needed:
	ret
	.section .text.unneeded,"ax",%progbits
	.globl unneeded
	.type unneeded, %function
unneeded:
	ret
	.section .text.constructor,"ax",%progbits
	.type constructor, %function
constructor:
	ret
	.section .init_array,"aw",%init_array
	.p2align 3
	.quad constructor
