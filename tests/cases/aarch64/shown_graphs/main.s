# The graphs of those files are shown whose names match: sections, blocks, symbols and edges.
# RUN: -noexec -show-graphs=other
# OUTPUT: LinkGraph "aarch64/shown_graphs.other.o"
# OUTPUT: section #3 `.data` of aarch64/shown_graphs.other.o: rw-, standard
# OUTPUT: `pointer`, data, strong, hidden, live
# OUTPUT: Pointer64 -> #1 `main` + 0x8
# NO OUTPUT: shown_graphs.main.o"
# RUN: -noexec -show-graphs=(
# FAILS: '--show-graphs <REGEX>'
	.data
	.globl main
main:
	.quad pointer
