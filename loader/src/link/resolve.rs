//! Resolution: names that the graph doesn't define get addresses from outside, all of them or none.

use alloc::vec::Vec;

use crate::base::{Name, OutOfMemory, TargetAddr, Text, fallible};
use crate::graph::{Definition, LinkGraph, Linkage, Scope};

use super::{LinkError, MissingSymbol, MissingSymbols};

/// A name that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The name.
    pub name: Name<'a>,
    /// Whether it may stay undefined.
    pub linkage: Linkage,
}

/// Who knows names that a graph doesn't define.
pub trait Resolve {
    /// The address of what has this name; `None` if nothing does.
    fn resolve(&mut self, reference: Reference<'_>) -> Option<TargetAddr>;
}

impl<F: FnMut(Reference<'_>) -> Option<TargetAddr>> Resolve for F {
    fn resolve(&mut self, reference: Reference<'_>) -> Option<TargetAddr> {
        self(reference)
    }
}

/// Gives an address to each external symbol that something live refers to: that of its definition, or 0 if it is weak and
/// has none. Source of the latter: gABI, "Symbol Table", STB_WEAK.
pub(super) fn externals(
    graph: &mut LinkGraph<'_>,
    resolver: &mut dyn Resolve,
) -> Result<(), LinkError> {
    let mut missing = MissingSymbols {
        symbols: Vec::new(),
        more: 0,
    };
    for place in 0..graph.undefined().len() {
        let Some(&id) = graph.undefined().get(place) else {
            break;
        };
        let symbol = graph.symbols.at(id);
        if !symbol.is_external() || !symbol.is_live {
            continue;
        }
        let reference = Reference {
            name: symbol.name,
            linkage: symbol.linkage,
        };
        // What is hidden is to be found within the link alone.
        let found = match symbol.scope {
            Scope::Default => resolver.resolve(reference),
            Scope::Hidden | Scope::Local => None,
        };
        let address = match (found, symbol.linkage) {
            (Some(address), _) => address,
            (None, Linkage::Weak) => TargetAddr::ZERO,
            (None, Linkage::Strong) => {
                let wanted_by = Text::of(graph.objects.at(symbol.object).name);
                let symbol = MissingSymbol {
                    name: Text::of(symbol.name),
                    wanted_by,
                };
                if fallible::push(&mut missing.symbols, symbol) == Err(OutOfMemory) {
                    missing.more = missing.more.saturating_add(1);
                }
                continue;
            }
        };
        graph.symbols.at_mut(id).definition = Definition::Resolved(address);
    }
    if missing.symbols.is_empty() && missing.more == 0 {
        Ok(())
    } else {
        Err(LinkError::Missing(missing))
    }
}
