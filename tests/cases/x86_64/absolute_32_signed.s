# R_X86_64_32S holds a signed number of 32 bits.
# RUN: -noexec -abs target=0x0
# CHECK: *{4}(main + 3) = 0x0
# CHECK: decode_operand(main, 1) = 0x0
# RUN: -noexec -abs target=0x7fffffff
# CHECK: *{4}(main + 3) = 0x7fffffff
# CHECK: decode_operand(main, 1) = 0x7fffffff
# RUN: -noexec -abs target=0xffffffff80000000
# CHECK: *{4}(main + 3) = 0x80000000
# CHECK: decode_operand(main, 1) = 0xffffffff80000000
# RUN: -noexec -abs target=0x80000000
# FAILS: out of range of
# RUN: -noexec -abs target=0xffffffff7fffffff
# FAILS: out of range of
	.text
	.globl main
	.type main, @function
main:
	movq $target, %rax
	ret
