//! Indirect functions: a name gets a stub, and the stub's word what a resolver will return.

use crate::base::{Name, OutOfMemory, fallible};
use crate::edge::DataKind;
use crate::graph::{
    Definition, IndirectFunction, LinkGraph, Linkage, Scope, Symbol, SymbolId, SymbolKind,
};

use super::Tables;

impl Tables {
    /// Lets each indirect function that the graph defines stand for a stub: calls, pointers, loads from the global offset
    /// table and exports then all see one address. Source: System V gABI, GNU extensions: STT_GNU_IFUNC.
    pub(super) fn add_indirect_functions(
        &mut self,
        graph: &mut LinkGraph<'_>,
    ) -> Result<(), OutOfMemory> {
        // The loop adds no indirect function.
        let mut first = 0;
        let is_indirect = |symbol: &Symbol<'_>| symbol.kind == SymbolKind::IndirectFunction;
        while let Some(id) = graph.symbols.find_from(first, is_indirect) {
            first = id.index().saturating_add(1);
            if is_wanted(graph, graph.symbols.at(id)) {
                self.add_indirect_function(graph, id)?;
            }
        }
        Ok(())
    }

    fn add_indirect_function(
        &mut self,
        graph: &mut LinkGraph<'_>,
        symbol: SymbolId,
    ) -> Result<(), OutOfMemory> {
        let resolver = graph.add_symbol(Symbol {
            name: Name::default(),
            linkage: Linkage::Strong,
            scope: Scope::Local,
            kind: SymbolKind::Function,
            is_live: true,
            ..*graph.symbols.at(symbol)
        })?;
        // Nothing is written there before the resolver has been called. The word is the function's own: who follows the
        // stub through it comes back to the function, and never to the resolver.
        let slot = self
            .got(graph)?
            .add(graph, &[DataKind::KeepAlive], symbol)?;
        self.stubs(graph)?.add_for(graph, slot, symbol)?;
        graph.symbols.at_mut(symbol).kind = SymbolKind::Function;
        fallible::push(
            &mut graph.indirect_functions,
            IndirectFunction {
                symbol,
                resolver,
                slot,
            },
        )
    }
}

/// Whether an indirect function is the graph's own, and something refers to it, or may refer to it.
fn is_wanted(graph: &LinkGraph<'_>, symbol: &Symbol<'_>) -> bool {
    match symbol.definition {
        Definition::Block { block, .. } => {
            let is_exported = symbol.scope != Scope::Local && graph.blocks.at(block).is_live;
            symbol.is_live || is_exported
        }
        Definition::Absolute(_) => symbol.is_live,
        _ => false,
    }
}
