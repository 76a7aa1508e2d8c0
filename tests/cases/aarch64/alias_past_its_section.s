# A symbol may be larger than its section, and may lie at its end.
# RUN: -noexec
# CHECK: end - start = 8
# CHECK: *{8}pointer = end
	.data
	.globl start, end
	.type start, %object
	.size start, 64
start:
	.xword 1
end:
	.section .data.pointer,"aw",%progbits
	.globl pointer
pointer:
	.xword end
