# The records of all objects lie at one stretch without a gap, in the order of the objects, and one word of zero ends them: a
# zero that an object brings, as crtend.o does, doesn't.
# RUN: -noexec
# CHECK: (section_addr(eh_frame_end.first.o, .eh_frame) + 0x20 + \
# CHECK:     (*{4}(section_addr(eh_frame_end.first.o, .eh_frame) + 0x20)))[31:0] = first
# CHECK: section_addr(eh_frame_end.third.o, .eh_frame) = section_addr(eh_frame_end.first.o, .eh_frame) + 0x30
# CHECK: (section_addr(eh_frame_end.third.o, .eh_frame) + 0x20 + \
# CHECK:     (*{4}(section_addr(eh_frame_end.third.o, .eh_frame) + 0x20)))[31:0] = third
# CHECK: *{4}(section_addr(eh_frame_end.third.o, .eh_frame) + 0x30) = 0
	.text
	.globl first
	.type first, @function
first:
	.cfi_startproc
	nop
	.cfi_endproc
