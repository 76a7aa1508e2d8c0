//! Liveness: what is linked, and what is left out because nothing reaches it.
//!
//! All of an object that was asked for is live, as with a static linker. Of an object that an archive gave, only what live
//! blocks refer to is, and what must be kept or run without being referred to.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, fallible};
use crate::graph::{BlockId, Definition, LinkGraph, Origin, SectionRole};

/// Marks blocks and symbols that are live.
pub(super) fn mark_live(graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
    // Each block enters the list once.
    let mut pending: Vec<BlockId> = fallible::vec_with_capacity(graph.blocks.len())?;
    for id in graph.blocks.ids() {
        let section = graph.sections.at(graph.blocks.at(id).section);
        let is_given = graph.objects.at(section.object).origin == Origin::Given;
        if is_given || section.role != SectionRole::Ordinary {
            graph.blocks.at_mut(id).is_live = true;
            fallible::push(&mut pending, id)?;
        }
    }
    while let Some(id) = pending.pop() {
        let range = graph.blocks.at(id).edges;
        for index in range.indices() {
            let Some(edge) = graph.edge(index) else {
                continue;
            };
            let symbol = graph.symbols.at_mut(edge.target);
            symbol.is_live = true;
            let Definition::Block { block, .. } = symbol.definition else {
                continue;
            };
            let block_is_live = &mut graph.blocks.at_mut(block).is_live;
            if !*block_is_live {
                *block_is_live = true;
                fallible::push(&mut pending, block)?;
            }
        }
    }
    Ok(())
}
