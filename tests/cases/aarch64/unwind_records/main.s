# Records of .eh_frame lie at one stretch that ends with a zero; the one of a function that another object defined first, in
# a group, is left out. An FDE tells the distance back to its CIE and that to its function.
# RUN: -noexec
# CHECK: section_addr(unwind_records.other.o, .eh_frame) = section_addr(unwind_records.main.o, .eh_frame) + 64
# CHECK: *{4}(section_addr(unwind_records.main.o, .eh_frame) + 20 + 4) = 20 + 4
# CHECK: *{4}(section_addr(unwind_records.main.o, .eh_frame) + 20 + 8) = (main - (section_addr(unwind_records.main.o, .eh_frame) + 20 + 8))[31:0]
# CHECK: *{4}(section_addr(unwind_records.other.o, .eh_frame) + 20 + 8) = (other - (section_addr(unwind_records.other.o, .eh_frame) + 20 + 8))[31:0]
# CHECK: *{4}(section_addr(unwind_records.other.o, .eh_frame) + 44) = 0
	.text
	.globl main
	.type main, %function
main:
	.cfi_startproc
	ret
	.cfi_endproc
	.section .text.shared, "axG", @progbits, shared, comdat
	.weak shared
	.type shared, %function
shared:
	.cfi_startproc
	ret
	.cfi_endproc
