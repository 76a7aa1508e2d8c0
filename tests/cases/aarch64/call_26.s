# R_AARCH64_CALL26 branches directly to what is in reach, and to all else through a stub.
# RUN: -noexec -abs target=0x8001000
# CHECK: *{4}main = 0x96000000
# RUN: -noexec -abs target=0x18000ffc
# CHECK: *{4}main = 0x95ffffff
# RUN: -noexec -abs target=0x10001008
# CHECK: *{4}main = 0x94000002
# RUN: -noexec -abs target=0x18001000
# CHECK: main + (((*{4}main) << 2)[27:0]) = stub_addr(call_26.o, target)
# CHECK: *{8}(got_addr(call_26.o, target)) = target
# RUN: -noexec -abs target=0x8000ffc
# CHECK: main + (((*{4}main) << 2)[27:0]) = stub_addr(call_26.o, target)
# CHECK: *{8}(got_addr(call_26.o, target)) = target
	.text
	.globl main
	.type main, %function
main:
	bl target
	ret
