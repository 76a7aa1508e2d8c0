# A section may be made of a file, with names for places in it.
# RUN: -noexec -sectcreate data,aarch64/section_of_a_file.o@magic=0,class=4
# CHECK: *{8}main = magic
# CHECK: *{4}magic = 0x464c457f
# CHECK: *{1}class = 2
# CHECK: class = magic + 4
# RUN: -noexec -sectcreate data
# FAILS: it must be SECTION,FILE or SECTION,FILE@SYMBOL=OFFSET,...
	.data
	.globl main
main:
	.quad magic
