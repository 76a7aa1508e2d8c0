# Libraries are found by their names in the directories that are given; archives may be linked as a whole.
# ARCHIVE: libparts.a = used unused
# RUN: -noexec -show-linked-files -L x86_64/archive_by_name -lparts
# OUTPUT: libparts.a(used.o)
# NO OUTPUT: unused
# RUN: -noexec -show-linked-files -L x86_64/archive_by_name -lparts -all_load
# OUTPUT: libparts.a(used.o)
# OUTPUT: libparts.a(unused.o)
# RUN: -noexec -lparts
# FAILS: -lparts needs a directory to look into; name one by -L
# RUN: -noexec -L x86_64 -lparts
# FAILS: no directory of -L has libparts.a; name another by -L
	.data
	.globl main
main:
	.quad used
