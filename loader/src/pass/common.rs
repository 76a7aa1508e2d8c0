//! Memory for common symbols: those that several objects declare and none defines. Source: gABI, "Symbol Table",
//! SHN_COMMON.

use crate::base::Protection;
use crate::graph::{Content, Definition, LinkGraph, Linkage, Origin, Symbol};

use super::PassError;

/// Gives each common symbol a zero-fill block of its own.
pub(super) fn allocate(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let mut section = None;
    let mut first = 0;
    let is_common = |symbol: &Symbol<'_>| matches!(symbol.definition, Definition::Common(_));
    while let Some(id) = graph.symbols.find_from(first, is_common) {
        first = id.index().saturating_add(1);
        let symbol = graph.symbols.at(id);
        let Definition::Common(alignment) = symbol.definition else {
            continue;
        };
        let content = Content::ZeroFill(symbol.size_bytes.into());
        let origin = graph.objects.at(symbol.object).origin;
        let is_given = matches!(origin, Origin::Given | Origin::Library);
        let section = match section {
            Some(section) => section,
            None => *section.insert(super::add_own_section(
                graph,
                "COMMON",
                Protection::ReadWrite,
            )?),
        };
        let block = graph.add_block(section, content, alignment)?;
        // All of an object that was asked for is linked, and what it shares, too. No edges leave it.
        graph.blocks.at_mut(block).is_live = is_given;
        let symbol = graph.symbols.at_mut(id);
        symbol.definition = Definition::Block { block, offset: 0 };
        // What is linked later may share it, or define it.
        symbol.linkage = Linkage::Weak;
    }
    Ok(())
}
