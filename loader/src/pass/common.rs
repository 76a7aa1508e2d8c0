//! Memory for common symbols: those that several objects declare and none defines. Source: gABI, "Symbol Table",
//! SHN_COMMON.

use crate::base::Protection;
use crate::graph::{Content, Definition, LinkGraph, Origin};

use super::PassError;

/// Gives each common symbol a zero-fill block of its own.
pub(super) fn allocate(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    let mut section = None;
    for id in graph.symbols.ids() {
        let symbol = graph.symbols.at(id);
        let Definition::Common(alignment) = symbol.definition else {
            continue;
        };
        let content = Content::ZeroFill(symbol.size_bytes);
        let is_given = graph.objects.at(symbol.object).origin == Origin::Given;
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
        graph.symbols.at_mut(id).definition = Definition::Block { block, offset: 0 };
    }
    Ok(())
}
