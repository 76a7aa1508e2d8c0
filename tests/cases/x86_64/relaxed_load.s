# A load of an address from the global offset table computes the address instead: `mov` becomes `lea`, whatever the register.
# RUN: -noexec
# CHECK: *{2}main = 0x058d
# CHECK: *{4}(main + 2) = variable - (main + 6)
# CHECK: (*{4}(main + 6))[23:0] = 0x058d44
# CHECK: *{4}(main + 9) = variable - (main + 13)
# CHECK: (*{4}(main + 13))[23:0] = 0x0d8d48
# CHECK: *{4}(main + 16) = variable - (main + 20)
# CHECK: (*{4}(main + 20))[23:0] = 0x3d8d4c
# CHECK: *{4}(main + 23) = variable - (main + 27)
	.text
	.globl main
	.type main, @function
main:
	movl variable@GOTPCREL(%rip), %eax
	movl variable@GOTPCREL(%rip), %r8d
	movq variable@GOTPCREL(%rip), %rcx
	movq variable@GOTPCREL(%rip), %r15
	ret
	.data
	.globl variable
variable:
	.quad 0
