//! Resolution: names that the graph doesn't define get addresses from outside, all of them or none.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, TargetAddr, Text, fallible};
use crate::graph::{Definition, LinkGraph, Linkage, Origin, Site, SymbolId};

use super::{Environment, LinkError, MissingSymbol, MissingSymbols, Reference};

/// Gives an address to each external symbol that something live refers to: that of its definition, or 0 if it is weak and
/// has none. Source of the latter: gABI, "Symbol Table", STB_WEAK.
pub(super) fn externals(
    graph: &mut LinkGraph<'_>,
    environment: &mut dyn Environment,
) -> Result<(), LinkError> {
    let mut missing = MissingSymbols {
        symbols: Vec::new(),
        more: 0,
    };
    let mut ids = Vec::new();
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
            scope: symbol.scope,
        };
        let found = match symbol.scope.may_be_elsewhere() {
            true => environment.resolve(reference),
            false => environment.resolve_within(reference),
        };
        let address = match (found, symbol.linkage) {
            (Some(address), _) => address,
            (None, Linkage::Weak) => TargetAddr::ZERO,
            (None, Linkage::Strong) => {
                let symbol = MissingSymbol {
                    name: Text::of(symbol.name),
                    wanted_by: Site::object(graph.objects.at(symbol.object)),
                    kept_by: environment.kept_by(symbol.name),
                };
                let told = fallible::push(&mut ids, id)
                    .and_then(|()| fallible::push(&mut missing.symbols, symbol));
                if told.is_err() {
                    missing.more = missing.more.saturating_add(1);
                }
                continue;
            }
        };
        graph.symbols.at_mut(id).definition = Definition::Resolved(address);
    }
    match (missing.symbols.is_empty(), missing.more) {
        (true, 0) => Ok(()),
        // Not one could be named: then that is what is wrong first.
        (true, _) => Err(OutOfMemory.into()),
        (false, _) => {
            tell_first_uses(graph, &ids, &mut missing.symbols);
            Err(LinkError::Missing(missing))
        }
    }
}

/// Adds to each missing symbol where it is first used. The symbols are in the ascending order of their ids.
#[cold]
fn tell_first_uses(graph: &LinkGraph<'_>, ids: &[SymbolId], missing: &mut [MissingSymbol]) {
    for (id, block) in graph.blocks.iter() {
        let object = graph.sections.at(block.section).object;
        if !block.is_live || graph.objects.at(object).origin == Origin::Linker {
            continue;
        }
        for edge in graph.edges_in(block.edges) {
            let Ok(place) =
                ids.binary_search(&graph.entry_target(edge.target).unwrap_or(edge.target))
            else {
                continue;
            };
            if let Some(missing) = missing.get_mut(place)
                && missing.wanted_by.section.as_str().is_empty()
            {
                missing.wanted_by = graph.site(id, u64::from(edge.offset));
            }
        }
    }
}
