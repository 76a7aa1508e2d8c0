# What constructors alone need, by the names of its sections, lies in memory of its own, which can be given back; but what is
# referred to by memory that stays, stays, whatever its name.
# RUN: -noexec
# CHECK: main = 0x10001000
# CHECK: kept >> 12 = main >> 12
# CHECK: kept_by_kept >> 12 = main >> 12
# CHECK: constructor = 0x10002000
# CHECK: result = 0x10003000
# CHECK: seed = 0x10004000
# KERNEL
	.text
	.globl main
	.type main, @function
main:
	movl result(%rip), %eax
	subl $7, %eax
	jmp kept
	.section .init.text,"ax",@progbits
	.type constructor, @function
constructor:
	movl seed(%rip), %eax
	movl %eax, result(%rip)
	ret
	.section .init.text.kept,"ax",@progbits
	.globl kept
	.type kept, @function
kept:
	subl $1, %eax
	jmp kept_by_kept
	.section .init.text.kept_by_kept,"ax",@progbits
	.type kept_by_kept, @function
kept_by_kept:
	addl $1, %eax
	ret
	.section .init_array,"aw",@init_array
	.p2align 3
	.quad constructor
	.section .init.data,"aw",@progbits
	.p2align 2
seed:
	.long 7
	.data
	.p2align 2
result:
	.long 1
