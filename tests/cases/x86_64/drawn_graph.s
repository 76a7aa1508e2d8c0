# The graph of a link is drawn for Graphviz on demand.
# RUN: -noexec -dot -
# OUTPUT: digraph link {
# OUTPUT: label=".data (x86_64/drawn_graph.o)"
# OUTPUT: +0x0 main
# OUTPUT: block1 -> block1 [label="+0x0 Pointer64 main"];
	.data
	.globl main
main:
	.quad main
