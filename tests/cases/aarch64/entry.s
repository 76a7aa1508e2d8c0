# The program begins with the function that is named, or else with main.
# RUN: -entry start
# STATUS: 7
# RUN:
# STATUS: 3
# RUN: -noexec -entry absent
# FAILS: no file defines `absent`, the function to begin with; name another by -entry, or link with -noexec alone
	.text
	.globl main, start
	.type main, %function
	.type start, %function
main:
	mov w0, #3
	ret
start:
	mov w0, #7
	ret
