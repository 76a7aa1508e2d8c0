# An indirect function is a stub; with -noexec nobody calls the resolver, and its slot stays empty.
# RUN: -noexec
# CHECK: *{8}pointer = chosen
# CHECK: chosen = stub_addr(indirect_function_request.o, chosen)
	.text
	.globl chosen
	.type chosen, %gnu_indirect_function
chosen:
	mov w0, #0
	ret
	.data
	.p2align 3
	.globl pointer
pointer:
	.xword chosen
