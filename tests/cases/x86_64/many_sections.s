# More sections than sixteen bits count: each is linked, and each symbol is found in its own.
# RUN: -noexec
# CHECK: __stop_words = __start_words + 560000
# CHECK: *{8}__start_words = 0
# CHECK: *{8}last = 69999
# CHECK: *{8}there = last
	.macro word
	.section words,"aw",@progbits,unique,\@
	.quad \@
	.endm
	.rept 69999
	word
	.endr
	.section words,"aw",@progbits,unique,69999
	.globl last
last:
	.quad 69999
	.data
	.p2align 3
	.globl there
there:
	.quad last
	.globl bounds
bounds:
	.quad __start_words, __stop_words
