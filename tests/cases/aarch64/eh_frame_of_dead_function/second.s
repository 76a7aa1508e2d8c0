	.section .text.dead,"ax",%progbits
	.globl dead
	.type dead, %function
dead:
	.cfi_startproc
	.cfi_escape 0xde, 0xad
	nop
	.cfi_endproc
	.section .text.needed,"ax",%progbits
	.globl needed
	.type needed, %function
needed:
	.cfi_startproc
	nop
	.cfi_endproc
