//! Liveness: what is linked, and what is left out because nothing reaches it.
//!
//! All of an object that was asked for is live, as with a static linker. Of an object that an archive gave, only what live
//! blocks refer to is, and what must be kept or run without being referred to.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, fallible};
use crate::graph::{Block, BlockId, Definition, Edge, LinkGraph, Origin, SectionRole, SymbolId};
use crate::memory::Lifetime;

use super::PassError;

/// Marks the blocks that are linked whatever refers to them.
pub(super) fn mark_live(graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
    for id in graph.blocks.ids() {
        let block = graph.blocks.at(id);
        let section = graph.sections.at(block.section);
        let origin = graph.objects.at(section.object).origin;
        let is_given = matches!(origin, Origin::Given | Origin::Library);
        let is_wanted = match section.role {
            SectionRole::Ordinary | SectionRole::ThreadLocal => is_given,
            role => role.is_kept(),
        };
        if is_wanted && !block.is_removed() {
            graph.blocks.at_mut(id).is_live = true;
        }
    }
    Ok(())
}

/// Makes live all that live blocks and live symbols refer to. What is not live then is left out of the link.
///
/// # Errors
/// The heap has no room.
pub fn prune(graph: &mut LinkGraph<'_>) -> Result<(), OutOfMemory> {
    if is_all_live(graph) {
        graph.settle_edges()?;
        mark_kept(graph);
        return Ok(());
    }
    // Each block enters the list once.
    let mut pending: Vec<BlockId> = fallible::vec_with_capacity(graph.blocks.len())?;
    for (id, block) in graph.blocks.iter() {
        if block.is_live && keeps_program(graph, block) {
            fallible::push(&mut pending, id)?;
        }
    }
    for id in graph.symbols.ids() {
        if graph.symbols.at(id).is_live {
            reach(graph, id, &mut pending)?;
        }
    }
    while let Some(id) = pending.pop() {
        let edges = graph.blocks.at(id).edges.indices();
        let keeps = graph.keep_range(id).indices();
        for index in edges.chain(keeps) {
            let Some(edge) = graph.edge(index) else {
                continue;
            };
            let target = edge.target;
            graph.symbols.at_mut(target).is_live = true;
            reach(graph, target, &mut pending)?;
        }
    }
    graph.settle_edges()
}

/// Whether a block keeps alive what it refers to: what only describes the program keeps nothing of it.
fn keeps_program(graph: &LinkGraph<'_>, block: &Block<'_>) -> bool {
    graph.sections.at(block.section).lifetime != Lifetime::NoAlloc
}

/// Whether all blocks are live that there are, as they are if all objects were asked for.
fn is_all_live(graph: &LinkGraph<'_>) -> bool {
    let mut blocks = graph.blocks.iter();
    blocks.all(|(_, block)| block.is_live || block.is_removed())
}

/// Makes the symbols live that blocks keep alive, where all blocks are live. Names from elsewhere that fixups refer to became so
/// when edges were settled; of symbols that stand in blocks it's their blocks that count.
fn mark_kept(graph: &mut LinkGraph<'_>) {
    for id in graph.blocks.ids() {
        for index in graph.keep_range(id).indices() {
            if let Some(&Edge { target, .. }) = graph.edge(index) {
                graph.symbols.at_mut(target).is_live = true;
            }
        }
    }
}

/// Makes the block live that a symbol stands in.
fn reach(
    graph: &mut LinkGraph<'_>,
    symbol: SymbolId,
    pending: &mut Vec<BlockId>,
) -> Result<(), OutOfMemory> {
    let Definition::Block { block, .. } = graph.symbols.at(symbol).definition else {
        return Ok(());
    };
    let reached = graph.blocks.at_mut(block);
    if reached.is_live || reached.is_removed() {
        return Ok(());
    }
    reached.is_live = true;
    fallible::push(pending, block)
}
