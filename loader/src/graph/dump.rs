//! The graph as text: the same for the same graph, by names and numbers, to be read and compared.

use core::fmt;

use crate::base::OutOfMemory;

use super::label::{Addend, Label, Size};
use super::{
    BlockId, BlockKey, Definition, Grouped, LinkGraph, Section, SectionId, SectionKey, SectionRole,
    Symbol, SymbolId,
};

/// A graph to be displayed as text: sections with their blocks, those with their symbols and edges, then the symbols that
/// stand in no block. Removed parts are left out.
///
/// ```text
/// graph for x86_64
/// section #0 `.text` of a.o: r-x, standard
///   block #0 at 0x1000: 16 bytes, alignment 8, live
///     +0x0: #0 `main`, size 16, function, strong, default, live
///     +0x5: Delta32 -> #1 `print` - 0x4
/// external
///   #1 `print`, unknown, strong, default, live
/// ```
#[derive(Debug)]
pub struct Dump<'g, 'a, F = fn(&Section<'_>) -> bool> {
    graph: &'g LinkGraph<'a>,
    blocks: Grouped<SectionKey, BlockId>,
    symbols: Grouped<BlockKey, SymbolId>,
    /// Which sections are shown; without it, all of the graph is.
    is_shown: Option<F>,
}

impl<'a> LinkGraph<'a> {
    /// The graph as stable text.
    ///
    /// # Errors
    /// The heap has no room to put blocks together by sections.
    pub fn dump(&self) -> Result<Dump<'_, 'a>, OutOfMemory> {
        self.dump_with(None)
    }

    /// The sections that are wanted, as stable text.
    ///
    /// # Errors
    /// As of [`dump`](Self::dump).
    pub fn dump_sections<F: Fn(&Section<'_>) -> bool>(
        &self,
        is_shown: F,
    ) -> Result<Dump<'_, 'a, F>, OutOfMemory> {
        self.dump_with(Some(is_shown))
    }

    fn dump_with<F>(&self, is_shown: Option<F>) -> Result<Dump<'_, 'a, F>, OutOfMemory> {
        Ok(Dump {
            graph: self,
            blocks: self.collect_blocks_by_section()?,
            symbols: self.collect_symbols_by_block()?,
            is_shown,
        })
    }
}

impl<F: Fn(&Section<'_>) -> bool> fmt::Display for Dump<'_, '_, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "graph for {}", self.graph.machine())?;
        for (id, section) in self.graph.sections.iter() {
            let is_shown = self.is_shown.as_ref();
            if is_shown.is_none_or(|is_shown| is_shown(section)) {
                self.section(formatter, id, section)?;
            }
        }
        if self.is_shown.is_some() {
            return Ok(());
        }
        list(formatter, "external", self.graph.externals())?;
        list(formatter, "resolved", self.graph.resolved())?;
        list(formatter, "absolute", self.graph.absolutes())?;
        list(formatter, "common", self.graph.commons())
    }
}

impl<F> Dump<'_, '_, F> {
    fn section(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        id: SectionId,
        section: &Section<'_>,
    ) -> fmt::Result {
        let object = self.graph.objects.at(section.object);
        let (number, name) = (id.number(), section.name);
        let protection = section.protection;
        write!(
            formatter,
            "section #{number} `{name}` of {object}: {protection}, {}",
            section.lifetime
        )?;
        match section.role {
            SectionRole::Ordinary => {}
            SectionRole::Retained => write!(formatter, ", retained")?,
            SectionRole::Unwind => write!(formatter, ", unwind")?,
            SectionRole::ThreadLocal => write!(formatter, ", thread-local")?,
            SectionRole::Initializers(order) => {
                write!(formatter, ", initializers {}", order.priority)?;
            }
            SectionRole::Finalizers(order) => {
                write!(formatter, ", finalizers {}", order.priority)?;
            }
        }
        if let SectionRole::Initializers(order) | SectionRole::Finalizers(order) = section.role
            && order.is_reversed
        {
            formatter.write_str(", reversed")?;
        }
        writeln!(
            formatter,
            "{}",
            if section.is_bounded { ", bounded" } else { "" }
        )?;
        for &block in self.blocks.of(id) {
            self.block(formatter, block)?;
        }
        Ok(())
    }

    fn block(&self, formatter: &mut fmt::Formatter<'_>, id: BlockId) -> fmt::Result {
        let block = self.graph.blocks.at(id);
        let (number, address) = (id.number(), block.address);
        let content = self.graph.content_of(block);
        let size = Size(&content);
        write!(formatter, "  block #{number} at {address}: {size}")?;
        write!(formatter, ", alignment {}", block.alignment)?;
        if block.alignment_offset() != 0 {
            write!(formatter, " + {}", block.alignment_offset())?;
        }
        if block.is_split_off() {
            write!(formatter, ", split off at {:#x}", block.section_offset)?;
        }
        formatter.write_str(live(block.is_live))?;
        writeln!(formatter)?;
        for &symbol in self.symbols.of(id) {
            self.symbol(formatter, symbol)?;
        }
        for edge in self.graph.edges(id) {
            writeln!(
                formatter,
                "    +{:#x}: {} -> {}{}",
                edge.offset,
                edge.kind,
                Label(self.graph, edge.target),
                Addend(self.graph.addend(edge))
            )?;
        }
        for edge in self.graph.keeps(id) {
            writeln!(formatter, "    keeps {}", Label(self.graph, edge.target))?;
        }
        Ok(())
    }

    /// A symbol that stands in a block.
    fn symbol(&self, formatter: &mut fmt::Formatter<'_>, id: SymbolId) -> fmt::Result {
        let symbol = self.graph.symbols.at(id);
        let Definition::Block { offset, .. } = symbol.definition else {
            return Ok(());
        };
        write!(formatter, "    +{offset:#x}: #{}", id.number())?;
        if !symbol.name.is_empty() {
            write!(formatter, " `{}`", symbol.name)?;
        }
        writeln!(formatter, "{}", Properties(symbol))
    }
}

/// Symbols that stand in no block.
fn list<'s>(
    formatter: &mut fmt::Formatter<'_>,
    what: &str,
    symbols: impl Iterator<Item = (SymbolId, &'s Symbol<'s>)>,
) -> fmt::Result {
    let mut is_first = true;
    for (id, symbol) in symbols {
        if core::mem::take(&mut is_first) {
            writeln!(formatter, "{what}")?;
        }
        write!(formatter, "  #{}", id.number())?;
        if !symbol.name.is_empty() {
            write!(formatter, " `{}`", symbol.name)?;
        }
        match symbol.definition {
            Definition::Absolute(address) | Definition::Resolved(address) => {
                write!(formatter, " = {address}")?;
            }
            Definition::Common(alignment) => write!(formatter, ", alignment {alignment}")?,
            _ => {}
        }
        writeln!(formatter, "{}", Properties(symbol))?;
    }
    Ok(())
}

/// Shows what a symbol is, beside where it stands.
struct Properties<'s>(&'s Symbol<'s>);

impl fmt::Display for Properties<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(symbol) = self;
        if symbol.size_bytes != 0 {
            write!(formatter, ", size {}", symbol.size_bytes)?;
        }
        let (kind, linkage, scope) = (symbol.kind, symbol.linkage, symbol.scope);
        write!(
            formatter,
            ", {kind}, {linkage}, {scope}{}",
            live(symbol.is_live)
        )
    }
}

const fn live(is_live: bool) -> &'static str {
    if is_live { ", live" } else { "" }
}

#[cfg(test)]
mod tests {
    use std::format;

    use crate::base::{Alignment, Name, TargetAddr};
    use crate::edge::{DataKind, EdgeKind};
    use crate::graph::testing::Builder;
    use crate::graph::{Content, Linkage, Scope};

    fn builder() -> Builder {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[0; 24]));
        let zeros = builder.block(Content::ZeroFill(1));
        let start = builder.symbol("start", block, 0);
        let end = builder.symbol("", block, 24);
        let object = builder.object;
        let graph = &mut builder.graph;
        let name = Name::from("wanted");
        let wanted = graph.add_external(name, Linkage::Weak, Scope::Hidden, object);
        let wanted = wanted.unwrap();
        let fixed = graph.add_absolute("fixed", TargetAddr::new(0x10), object);
        graph
            .add_common("shared", 4, Alignment::FOUR, object)
            .unwrap();
        let kind = EdgeKind::Data(DataKind::Pointer64);
        graph.insert_edge(block, 8, kind, wanted, -4).unwrap();
        graph.insert_edge(block, 0, kind, end, 0).unwrap();
        graph
            .insert_edge(block, 16, kind, fixed.unwrap(), 0x12)
            .unwrap();
        graph.add_keeps(&[(zeros, start)]).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        graph.blocks.at_mut(block).address = TargetAddr::new(0x1000);
        builder
    }

    #[test]
    fn all_is_told_by_names_and_numbers_in_one_order() {
        let builder = builder();
        let expected = "\
graph for x86_64
section #0 `.data` of a.o: rw-, standard
  block #0 at 0x1000: 24 bytes, alignment 8, live
    +0x0: #0 `start`, size 8, data, strong, default
    +0x18: #1, size 8, data, strong, default
    +0x8: Pointer64 -> #2 `wanted` - 0x4
    +0x0: Pointer64 -> #1 (`.data` block #0 + 0x18)
    +0x10: Pointer64 -> #3 `fixed` + 0x12
  block #1 at 0x0: 1 byte of zero-fill, alignment 8
    keeps #0 `start`
external
  #2 `wanted`, unknown, weak, hidden
absolute
  #3 `fixed` = 0x10, unknown, strong, default
common
  #4 `shared`, alignment 4, size 4, data, strong, default
";
        assert_eq!(format!("{}", builder.graph.dump().unwrap()), expected);
    }

    #[test]
    fn of_sections_that_are_asked_for_nothing_else_is_told() {
        let mut builder = builder();
        let other = *builder.graph.sections.at(builder.section);
        builder.section = builder.graph.add_section(other).unwrap();
        builder.graph.sections.at_mut(builder.section).name = Name::from(".other");
        let block = builder.block(Content::ZeroFill(16));
        builder.graph.split_block(block, 4).unwrap();
        builder.graph.content_mut(block).unwrap();
        let other = |section: &crate::graph::Section<'_>| section.name.bytes() == b".other";
        let expected = "\
graph for x86_64
section #1 `.other` of a.o: rw-, standard
  block #2 at 0x0: 4 bytes, changed, alignment 8
  block #3 at 0x4: 12 bytes of zero-fill, alignment 8 + 4, split off at 0x4
";
        let dump = builder.graph.dump_sections(other).unwrap();
        assert_eq!(format!("{dump}"), expected);
    }

    #[test]
    fn what_was_removed_is_told_no_more() {
        let mut builder = builder();
        let graph = &mut builder.graph;
        for id in graph.blocks.ids() {
            graph.remove_block(id);
        }
        for id in graph.symbols.ids() {
            graph.remove_symbol(id);
        }
        let expected = "graph for x86_64\nsection #0 `.data` of a.o: rw-, standard\n";
        assert_eq!(format!("{}", graph.dump().unwrap()), expected);
    }
}
