# Only loads that were marked as such may change, and only where nothing but the address of the symbol itself is read.
# RUN: -noexec
# CHECK: (*{4}unmarked)[23:0] = 0x058b48
# CHECK: *{8}((unmarked + 7 + (*{4}(unmarked + 3)))[31:0]) = variable
# CHECK: (*{4}another_word)[23:0] = 0x058b48
# CHECK: (another_word + 7 + (*{4}(another_word + 3)))[31:0] = got_addr(got_loads_that_stay.o, variable) + 8
# CHECK: *{2}push = 0x35ff
# CHECK: (*{4}unknown)[23:0] = 0x05630f
# CHECK: (*{4}short)[23:0] = 0x050366
# CHECK: *{2}based = 0x808b
	.text
	.globl unmarked, another_word, push, unknown, short, based
unmarked:
	.byte 0x48, 0x8b, 0x05
	.long variable@GOTPCREL - 4
another_word:
	movq variable@GOTPCREL+8(%rip), %rax
push:
	pushq variable@GOTPCREL(%rip)
unknown:
	.byte 0x0f, 0x63, 0x05	# no instruction that is known
	.reloc ., R_X86_64_REX_GOTPCRELX, variable - 4
	.long 0
short:
	.byte 0x66, 0x03, 0x05	# add word(%rip), %ax
	.reloc ., R_X86_64_GOTPCRELX, variable - 4
	.long 0
based:
	.byte 0x8b, 0x80	# mov word(%rax), %eax
	.reloc ., R_X86_64_GOTPCRELX, variable - 4
	.long 0
	ret
	.data
	.globl variable
variable:
	.quad 0
