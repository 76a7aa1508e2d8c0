# A name that one object has as thread-local is so in all: how it is referred to differs.
# RUN: -noexec
# FAILS: thread_local_in_one_object.other.o: .data+0x0: `shared` is thread-local here or at
# FAILS: thread_local_in_one_object.main.o: .tdata+0x0, and not at the other; declare it alike in both
	.section .tdata,"awT",%progbits
	.weak shared
	.type shared, %object
shared:
	.quad 1
