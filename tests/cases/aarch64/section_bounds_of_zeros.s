# Sections without content have bounds, too.
# RUN: -noexec
# CHECK: (*{8}(main + 8)) - (*{8}main) = 4096
	.data
	.globl main
main:
	.quad __start_zeros, __stop_zeros
	.section zeros,"aw",%nobits
	.zero 4096
