//! Where a batch comes to lie, as an observer of its link sees it.

use alloc::vec::Vec;

use crate::base::{AddressRange, OutOfMemory, TargetAddr, fallible};
use crate::graph::{Definition, LinkGraph};
use crate::memory::Lifetime;
use crate::pass::PassError;

/// Looks where a batch comes to lie.
#[derive(Debug)]
pub(super) struct Placement {
    /// How many definitions there are.
    count: usize,
    /// Where each came to lie.
    pub(super) definitions: Vec<Placed>,
    /// Where tables lie that the linker made.
    pub(super) tables: Vec<AddressRange>,
}

/// Where a definition came to lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) address: TargetAddr,
    /// Whether that is in the batch; an alias may stand for what lies elsewhere.
    pub(super) is_own: bool,
}

impl Placement {
    /// Of so many definitions.
    pub(super) fn of(count: usize) -> Result<Self, OutOfMemory> {
        Ok(Self {
            count,
            definitions: fallible::vec_with_capacity(count)?,
            tables: Vec::new(),
        })
    }

    /// Notes where all came to lie. A batch is a link of its own: its symbols are the graph's first.
    pub(super) fn note(&mut self, graph: &LinkGraph<'_>) -> Result<(), PassError> {
        let mut last = None;
        for id in graph.symbols.ids().take(self.count) {
            let address = graph.address(id).unwrap_or(TargetAddr::ZERO);
            let definition = graph.symbols.at(id).definition;
            if let Definition::Block { block, .. } = definition {
                last = last.max(Some(block));
            }
            let is_own = matches!(definition, Definition::Block { .. });
            fallible::push(&mut self.definitions, Placed { address, is_own })?;
        }
        for (id, block) in graph.blocks() {
            let lifetime = graph.sections.at(block.section).lifetime;
            let range = AddressRange::from_size(block.address, block.content.size_bytes());
            if Some(id) > last
                && block.is_live
                && lifetime == Lifetime::Standard
                && let Some(range) = range
            {
                fallible::push(&mut self.tables, range)?;
            }
        }
        Ok(())
    }
}
