//! What is settled: edges that nobody has to look at again before they are written.
//!
//! Of most relocations all is known once they are read: their targets stand in the graph for good, and their kinds ask for no
//! table. Passes pass them over, so that a link looks at them twice: when they are read, and when they are written.

use core::ops::Range;

use crate::edge::{EdgeKind, Table};

use super::{Definition, Edge, LinkGraph, Linkage, SymbolId, SymbolKind};

impl LinkGraph<'_> {
    /// Whether a symbol stands in a block and goes on to do so: no other definition can take its place, and nothing chooses
    /// what it stands for.
    pub fn is_settled_symbol(&self, symbol: SymbolId) -> bool {
        let symbol = self.symbols.at(symbol);
        matches!(symbol.definition, Definition::Block { .. })
            && symbol.linkage == Linkage::Strong
            && symbol.kind != SymbolKind::IndirectFunction
    }

    /// Whether an edge needs nothing but to be written.
    #[inline]
    pub const fn is_settled(&self, edge: &Edge) -> bool {
        edge.is_settled && !self.is_unsettled
    }

    /// The next of some places of edges that is not settled; the places that are left follow it.
    pub fn next_unsettled(&self, places: &mut Range<usize>) -> Option<usize> {
        let edges = self.edges.get(places.clone()).unwrap_or(&[]);
        let passed = edges.iter().position(|edge| !self.is_settled(edge));
        let found = passed.map(|passed| places.start.saturating_add(passed));
        places.start = found.map_or(places.end, |found| found.saturating_add(1));
        found
    }

    /// Lets all edges be looked at again. To be called by who changes what a symbol stands for, or an edge, other than by the
    /// methods of the graph; the pipeline does so after each pass that is not its own.
    pub fn unsettle(&mut self) {
        self.is_unsettled = true;
    }

    /// The same, if a symbol was settled that is about to stand for something else.
    pub(super) fn unsettle_symbol(&mut self, symbol: SymbolId) {
        self.is_unsettled |= self.is_settled_symbol(symbol);
    }
}

/// What an edge's kind becomes at once because its target is settled, and whether the edge is settled then. A branch within
/// the graph needs no stub.
pub(crate) const fn settle(kind: EdgeKind) -> (EdgeKind, bool) {
    let row = kind.row();
    match row.request {
        None => (kind, row.is_inert()),
        Some(request) if matches!(request.table, Table::Stub) => {
            (request.becomes, request.becomes.row().is_inert())
        }
        Some(_) => (kind, false),
    }
}

#[cfg(test)]
mod tests {
    use crate::base::TargetAddr;
    use crate::edge::{DataKind, EdgeKind, X86_64Kind};
    use crate::graph::testing::Builder;
    use crate::graph::{Content, Linkage, SymbolKind};

    const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    const DISTANCE: EdgeKind = EdgeKind::Data(DataKind::Delta32);
    const ADDRESS: EdgeKind = EdgeKind::Data(DataKind::Pointer32);

    #[test]
    fn what_stands_in_the_graph_for_good_is_settled_and_nothing_else() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let [strong, weak, chosen, absolute] =
            ["strong", "weak", "chosen", "absolute"].map(|name| builder.symbol(name, block, 0));
        let graph = &mut builder.graph;
        graph.symbols.at_mut(weak).linkage = Linkage::Weak;
        graph.symbols.at_mut(chosen).kind = SymbolKind::IndirectFunction;
        graph.make_absolute(absolute, TargetAddr::ZERO).unwrap();
        let all = [strong, weak, chosen, absolute];
        let settled = all.map(|symbol| graph.is_settled_symbol(symbol));
        assert_eq!(settled, [true, false, false, false]);
    }

    #[test]
    fn a_branch_within_the_graph_asks_for_no_stub() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        graph.insert_edge(block, 0, CALL, target, -4).unwrap();
        let edge = graph.edges(block)[0];
        assert_eq!(edge.kind, EdgeKind::X86_64(X86_64Kind::Branch32));
        assert!(graph.is_settled(&edge));
    }

    #[test]
    fn edges_that_need_a_look_are_found_among_those_that_do_not() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        for (offset, kind) in [(0, DISTANCE), (4, ADDRESS), (8, DISTANCE), (12, ADDRESS)] {
            graph.insert_edge(block, offset, kind, target, 0).unwrap();
        }
        let mut places = graph.blocks.at(block).edges.indices();
        let first = places.start;
        assert_eq!(graph.next_unsettled(&mut places), Some(first + 1));
        assert_eq!(graph.next_unsettled(&mut places), Some(first + 3));
        assert_eq!(graph.next_unsettled(&mut places), None);
    }

    #[test]
    fn a_symbol_that_stands_for_something_else_unsettles_what_leads_to_it() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        graph.insert_edge(block, 0, DISTANCE, target, 0).unwrap();
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        let mut places = graph.blocks.at(block).edges.indices();
        let first = places.start;
        assert_eq!(graph.next_unsettled(&mut places), Some(first));
    }
}
