# Arithmetic of 32 bits takes an address as an immediate if the address has no more bits, whether or not a prefix names a
# high register: then its bit moves within the prefix.
# RUN: -noexec -abs target=0xfedcba98
# CHECK: *{2}main = 0xc381
# CHECK: *{4}(main + 2) = 0xfedcba98
# CHECK: (*{4}(main + 6))[23:0] = 0xe98141
# CHECK: *{4}(main + 9) = 0xfedcba98
	.text
	.globl main
	.type main, @function
main:
	addl target@GOTPCREL(%rip), %ebx
	subl target@GOTPCREL(%rip), %r9d
	ret
