# Groups that are not COMDAT have no other copies: those of one name are all linked.
# RUN: -noexec
# CHECK: *{8}first = 1
# CHECK: *{8}second = 2
# PATCH: word 0 of .group = 0
	.section .data.pair,"awG",%progbits,pair,comdat
	.globl first
first:
	.quad 1
