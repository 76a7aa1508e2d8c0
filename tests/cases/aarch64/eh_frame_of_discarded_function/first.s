# A function that was discarded with its group, as an earlier object has it, takes its record of .eh_frame with it. The
# record that stood behind it moves up to the CIE.
# RUN: -noexec
# CHECK: *{4}(section_addr(eh_frame_of_discarded_function.second.o, .eh_frame) + 0x18) = 0x18
# CHECK: (section_addr(eh_frame_of_discarded_function.second.o, .eh_frame) + 0x1c + \
# CHECK:     (*{4}(section_addr(eh_frame_of_discarded_function.second.o, .eh_frame) + 0x1c)))[31:0] = kept
# CHECK: *{4}(section_addr(eh_frame_of_discarded_function.second.o, .eh_frame) + 0x28) = 0
	.section .text.shared,"axG",%progbits,shared,comdat
	.weak shared
	.type shared, %function
shared:
	.cfi_startproc
	nop
	.cfi_endproc
