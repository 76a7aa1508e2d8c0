//! How parts of a graph are called where all of it is shown.

use core::fmt;

use super::{Content, Definition, LinkGraph, SymbolId};

/// Shows a symbol by its number and name, or by its place and what that was made for.
pub(super) struct Label<'g, 'a>(pub(super) &'g LinkGraph<'a>, pub(super) SymbolId);

impl fmt::Display for Label<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(graph, id) = *self;
        let symbol = graph.symbols.at(id);
        write!(formatter, "#{}", id.number())?;
        if !symbol.name.is_empty() {
            return write!(formatter, " `{}`", symbol.name);
        }
        if let Definition::Block { block, offset } = symbol.definition {
            let section = graph.sections.at(graph.blocks.at(block).section).name;
            write!(formatter, " (`{section}` block #{}", block.number())?;
            if offset != 0 {
                write!(formatter, " + {offset:#x}")?;
            }
            if let Some(target) = graph.entry_target(id) {
                write!(formatter, " for `{}`", graph.symbol_name(target))?;
            }
            formatter.write_str(")")?;
        }
        Ok(())
    }
}

/// Shows an addend behind what it is added to; nothing if it is 0.
pub(super) struct Addend(pub(super) i64);

impl fmt::Display for Addend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.0 {
            0 => return Ok(()),
            i64::MIN..0 => '-',
            _ => '+',
        };
        write!(formatter, " {sign} {:#x}", self.0.unsigned_abs())
    }
}

/// Shows how large content is, and of what.
pub(super) struct Size<'c>(pub(super) &'c Content<'c>);

impl fmt::Display for Size<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size_bytes = self.0.size_bytes();
        let bytes = if size_bytes == 1 { "byte" } else { "bytes" };
        write!(formatter, "{size_bytes} {bytes}")?;
        match self.0 {
            Content::Bytes(_) => Ok(()),
            Content::Owned(_) => formatter.write_str(", changed"),
            Content::Repeated { count, .. } => write!(formatter, " in {count} entries"),
            Content::ZeroFill(_) => formatter.write_str(" of zero-fill"),
        }
    }
}
