//! The graph as a drawing, in the language of Graphviz: sections as clusters of blocks, edges as arrows.
//!
//! Source of the language: <https://graphviz.org/doc/info/lang.html>.

use core::fmt::{self, Write};

use crate::base::OutOfMemory;

use super::label::{Addend, Label, Size};
use super::{BlockId, BlockKey, Definition, Edge, Grouped, LinkGraph, SectionKey, SymbolId};

/// A graph to be displayed for `dot`. Removed parts are left out.
#[derive(Debug)]
pub struct Dot<'g, 'a> {
    graph: &'g LinkGraph<'a>,
    blocks: Grouped<SectionKey, BlockId>,
    symbols: Grouped<BlockKey, SymbolId>,
}

impl<'a> LinkGraph<'a> {
    /// The graph as text that Graphviz draws.
    ///
    /// # Errors
    /// The heap has no room to put blocks together by sections.
    pub fn dot(&self) -> Result<Dot<'_, 'a>, OutOfMemory> {
        Ok(Dot {
            graph: self,
            blocks: self.collect_blocks_by_section()?,
            symbols: self.collect_symbols_by_block()?,
        })
    }
}

impl fmt::Display for Dot<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("digraph link {\n  rankdir=LR;\n  node [shape=box];\n")?;
        for (id, section) in self.graph.sections.iter() {
            let object = self.graph.objects.at(section.object);
            writeln!(formatter, "  subgraph cluster_{} {{", id.number())?;
            let label = format_args!("{} ({object})", section.name);
            writeln!(formatter, "    label=\"{}\";", Escaped(label))?;
            for &block in self.blocks.of(id) {
                self.block(formatter, block)?;
            }
            formatter.write_str("  }\n")?;
        }
        for (id, symbol) in self.graph.symbols.iter() {
            let is_outside = !symbol.is_in_graph() && symbol.definition != Definition::Removed;
            if is_outside {
                let (number, label) = (id.number(), Label(self.graph, id));
                let label = Escaped(format_args!("{label}"));
                writeln!(
                    formatter,
                    "  symbol{number} [label=\"{label}\", shape=ellipse];"
                )?;
            }
        }
        for (id, _) in self.graph.blocks() {
            for edge in self.graph.edges(id) {
                self.edge(formatter, id, edge)?;
            }
            for edge in self.graph.keeps(id) {
                self.edge(formatter, id, edge)?;
            }
        }
        formatter.write_str("}\n")
    }
}

impl Dot<'_, '_> {
    /// A block, with a line for itself and one for each symbol in it. `\l` ends a line that is flush left.
    fn block(&self, formatter: &mut fmt::Formatter<'_>, id: BlockId) -> fmt::Result {
        let block = self.graph.blocks.at(id);
        let style = if block.is_live { "" } else { ", style=dashed" };
        let (number, size) = (id.number(), Size(&self.graph.content_of(block)));
        write!(formatter, "    block{number} [label=\"#{number}: {size}\\l")?;
        for &symbol in self.symbols.of(id) {
            let name = self.graph.symbols.at(symbol).name;
            let Definition::Block { offset, .. } = self.graph.symbols.at(symbol).definition else {
                continue;
            };
            if !name.is_empty() {
                write!(
                    formatter,
                    "+{offset:#x} {}\\l",
                    Escaped(format_args!("{name}"))
                )?;
            }
        }
        writeln!(formatter, "\"{style}];")
    }

    fn edge(&self, formatter: &mut fmt::Formatter<'_>, from: BlockId, edge: &Edge) -> fmt::Result {
        write!(formatter, "  block{} -> ", from.number())?;
        let target = self.graph.symbols.at(edge.target);
        let addend = Addend(self.graph.addend(edge));
        let (offset, kind, name) = (edge.offset, edge.kind, target.name);
        match target.definition {
            Definition::Block { block, .. } => {
                write!(formatter, "block{}", block.number())?;
                let label = Escaped(format_args!("+{offset:#x} {kind} {name}{addend}"));
                writeln!(formatter, " [label=\"{label}\"];")
            }
            _ => {
                write!(formatter, "symbol{}", edge.target.number())?;
                writeln!(formatter, " [label=\"+{offset:#x} {kind}{addend}\"];")
            }
        }
    }
}

/// Shows what stands between quotes: quotes and backslashes in it are names' own.
struct Escaped<'s>(fmt::Arguments<'s>);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Escaping<'f, 'b>(&'f mut fmt::Formatter<'b>);
        impl Write for Escaping<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                for character in text.chars() {
                    if matches!(character, '"' | '\\') {
                        self.0.write_char('\\')?;
                    }
                    self.0.write_char(character)?;
                }
                Ok(())
            }
        }
        Escaping(formatter).write_fmt(self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use crate::base::Name;
    use crate::edge::{DataKind, EdgeKind};
    use crate::graph::testing::Builder;
    use crate::graph::{Content, Linkage, Scope};

    #[test]
    fn sections_are_clusters_and_edges_are_arrows_with_names_escaped() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[0; 8]));
        let zeros = builder.block(Content::ZeroFill(8));
        let quoted = builder.symbol(r#"say "\""#, zeros, 4);
        let (name, object) = (Name::from("wanted"), builder.object);
        let graph = &mut builder.graph;
        let wanted = graph.add_external(name, Linkage::Weak, Scope::Default, object);
        let kind = EdgeKind::Data(DataKind::Pointer64);
        graph
            .insert_edge(block, 0, kind, wanted.unwrap(), 0)
            .unwrap();
        let kind = EdgeKind::Data(DataKind::Pointer8);
        graph.insert_edge(block, 7, kind, quoted, -1).unwrap();
        graph.add_keeps(&[(zeros, quoted)]).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        let expected = r##"digraph link {
  rankdir=LR;
  node [shape=box];
  subgraph cluster_0 {
    label=".data (a.o)";
    block0 [label="#0: 8 bytes\l"];
    block1 [label="#1: 8 bytes of zero-fill\l+0x4 say \"\\\"\l", style=dashed];
  }
  symbol1 [label="#1 `wanted`", shape=ellipse];
  block0 -> symbol1 [label="+0x0 Pointer64"];
  block0 -> block1 [label="+0x7 Pointer8 say \"\\\" - 0x1"];
  block1 -> block1 [label="+0x0 KeepAlive say \"\\\""];
}
"##;
        assert_eq!(format!("{}", graph.dot().unwrap()), expected);
    }

    #[test]
    fn what_was_removed_is_not_drawn() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(8));
        let symbol = builder.symbol("symbol", block, 0);
        builder.graph.remove_block(block);
        builder.graph.remove_symbol(symbol);
        let dot = format!("{}", builder.graph.dot().unwrap());
        assert!(!dot.contains("block") && !dot.contains("symbol"), "{dot}");
    }
}
