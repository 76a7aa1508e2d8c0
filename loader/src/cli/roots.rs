//! What a link of the tool keeps: what others could ask for, what runs by itself, and what these reach.

use std::string::{String, ToString};

use crate::base::Name;
use crate::graph::{LinkGraph, Origin, Scope};
use crate::memory::Lifetime;
use crate::pass::{Pass, PassError};

/// Marks what is kept, in place of the pass that keeps all of each object.
pub(super) struct Roots {
    entry: String,
}

impl Roots {
    /// Keeps the function of this name, too.
    pub(super) fn new(entry: &str) -> Self {
        Self {
            entry: entry.to_string(),
        }
    }
}

impl Pass for Roots {
    fn run(&mut self, graph: &mut LinkGraph<'_>) -> Result<(), PassError> {
        for id in graph.symbols.ids() {
            let symbol = graph.symbols.at(id);
            let is_given = graph.objects.at(symbol.object).origin == Origin::Given;
            if symbol.is_in_graph() && is_given && symbol.scope != Scope::Local {
                graph.symbols.at_mut(id).is_live = true;
            }
        }
        if let Some(entry) = graph.find(Name::from(self.entry.as_str())) {
            graph.symbols.at_mut(entry).is_live = true;
        }
        for id in graph.blocks.ids() {
            let block = graph.blocks.at(id);
            let section = graph.sections.at(block.section);
            // What describes the program was asked for, and keeps nothing of it.
            let is_kept = section.lifetime == Lifetime::NoAlloc || section.role.is_kept();
            if is_kept && !block.is_removed() {
                graph.blocks.at_mut(id).is_live = true;
            }
        }
        Ok(())
    }
}
