# What the records of .eh_frame say holds after each has become a block of its own: the distance to the CIE, the function and
# its size, the routine that handles exceptions, and its table.
# RUN: -noexec
# CHECK: *{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x18) = 0x18
# CHECK: (section_addr(eh_frame_fields.o, .eh_frame) + 0x1c + \
# CHECK:     (*{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x1c)))[31:0] = other
# CHECK: *{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x20) = 8
# CHECK: (section_addr(eh_frame_fields.o, .eh_frame) + 0x3b + \
# CHECK:     (*{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x3b)))[31:0] = handler_word
# CHECK: *{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x48) = 0x20
# CHECK: (section_addr(eh_frame_fields.o, .eh_frame) + 0x4c + \
# CHECK:     (*{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x4c)))[31:0] = main
# CHECK: *{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x50) = 4
# CHECK: (section_addr(eh_frame_fields.o, .eh_frame) + 0x55 + \
# CHECK:     (*{4}(section_addr(eh_frame_fields.o, .eh_frame) + 0x55)))[31:0] = table
	.text
	.globl main
	.type main, %function
main:
	.cfi_startproc
	.cfi_personality 0x9b, handler_word
	.cfi_lsda 0x1b, table
	nop
	.cfi_endproc
	.section .text.other,"ax",%progbits
	.globl other
	.type other, %function
other:
	.cfi_startproc
	nop
	nop
	.cfi_endproc
	.section .gcc_except_table,"a",%progbits
	.globl table
table:
	.long 0
	.data
	.globl handler_word
handler_word:
	.quad 0
