//! What is settled: edges that nobody has to look at again before they are written.
//!
//! Of most relocations all is known once they are read: their targets stand in the graph for good, and their kinds ask for no
//! table. Passes pass them over, so that a link looks at them twice: when they are read, and when they are written. Those whose
//! targets are weak are settled once all definitions are there.

use alloc::vec::Vec;
use core::ops::Range;

use crate::base::{OutOfMemory, TargetAddr, fallible, int};
use crate::edge::Settled;

use super::{BlockId, Definition, Edge, LinkGraph, Linkage, Symbol, SymbolId, SymbolKind};

/// A walk over the edges that are not settled; it begins where it is made. Between its steps, edges may be changed, and blocks,
/// symbols and edges be added, but none may be moved. It may pass over what was added since edges were listed: tables' and
/// veneers' own edges need nothing more.
#[derive(Clone, Default, Debug)]
pub struct UnsettledWalk {
    /// The next place in the list of such edges; or if there is none, in the order of blocks.
    place: usize,
    block: Option<BlockId>,
    /// The places of that block's edges which are still to be looked at.
    edges: Range<usize>,
}

impl LinkGraph<'_> {
    /// Whether a symbol stands in a block and goes on to do so: no other definition can take its place, and nothing chooses
    /// what it stands for.
    pub fn is_settled_symbol(&self, symbol: SymbolId) -> bool {
        self.symbols.at(symbol).is_settled(self.is_complete)
    }

    /// Whether an edge needs nothing but to be written.
    #[inline]
    pub const fn is_settled(&self, edge: &Edge) -> bool {
        !matches!(edge.settled, Settled::No) && !self.is_unsettled
    }

    /// Where plain edges lead, as blocks lie now.
    pub(crate) fn plain_targets(&self) -> Result<PlainTargets, OutOfMemory> {
        let mut addresses = Vec::new();
        if !self.is_unsettled {
            addresses = fallible::vec_with_capacity(self.symbols.len())?;
            let address = |(_, symbol): (SymbolId, &Symbol<'_>)| match symbol.definition {
                Definition::Block { block, offset } => self.blocks.at(block).address_of(offset),
                _ => ELSEWHERE,
            };
            fallible::fill(&mut addresses, self.symbols.iter().map(address));
        }
        Ok(PlainTargets { addresses })
    }

    /// The next edge of a live block that is not settled, and its block: blocks in the order of layout, and the edges of each
    /// in theirs. Where the walk stands, `walk` says.
    #[inline]
    pub fn next_unsettled(&self, walk: &mut UnsettledWalk) -> Option<(BlockId, usize)> {
        match (&self.unsettled, self.is_unsettled) {
            (Some(listed), false) => {
                let &(block, index) = listed.get(walk.place)?;
                walk.place = walk.place.saturating_add(1);
                Some((block, int::usize_from_u32(index)))
            }
            _ => self.find_unsettled(walk),
        }
    }

    /// The same, where they are not listed.
    fn find_unsettled(&self, walk: &mut UnsettledWalk) -> Option<(BlockId, usize)> {
        loop {
            if let Some(index) = self.unsettled_among(&mut walk.edges) {
                return Some((walk.block?, index));
            }
            if walk.place >= self.blocks.len() {
                return None;
            }
            let id = self.block_in_order(walk.place);
            walk.place = walk.place.saturating_add(1);
            let block = self.blocks.at(id);
            if block.is_live {
                walk.block = Some(id);
                walk.edges = block.edges.indices();
            }
        }
    }

    /// Settles the edges of live blocks that can be, now that all definitions are there, and lists the others, so that they are
    /// found at once until edges are moved.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn settle_edges(&mut self) -> Result<(), OutOfMemory> {
        self.is_complete = true;
        // What was settled may not be so any more.
        let looks_at_all = core::mem::take(&mut self.is_unsettled);
        let mut listed = Vec::new();
        for place in 0..self.blocks.len() {
            let id = self.block_in_order(place);
            let block = self.blocks.at(id);
            if !block.is_live {
                continue;
            }
            let (mut index, symbols) = (block.edges.places().start, &self.symbols);
            let edges = self.edges.get_mut(block.edges.indices());
            let mut left = edges.unwrap_or(&mut []);
            loop {
                let passed = match left.first() {
                    Some(first) if first.settled != Settled::No && !looks_at_all => {
                        settled_first(left)
                    }
                    _ => 0,
                };
                let Some((edge, behind)) = left.get_mut(passed..).and_then(<[_]>::split_first_mut)
                else {
                    break;
                };
                // Places are stored in as many bits.
                index = index.wrapping_add(int::low_u32(int::from_usize(passed)));
                edge.settled = Settled::No;
                if symbols.at(edge.target).is_settled(true) {
                    *edge = edge.settle();
                }
                if edge.settled == Settled::No {
                    fallible::push_beyond(&mut listed, (id, index))?;
                }
                (index, left) = (index.wrapping_add(1), behind);
            }
        }
        self.unsettled = Some(listed);
        Ok(())
    }

    /// The next of some places of edges that is not settled; the places that are left follow it.
    fn unsettled_among(&self, places: &mut Range<usize>) -> Option<usize> {
        let edges = self.edges.get(places.clone()).unwrap_or(&[]);
        let passed = match self.is_unsettled {
            true => (!edges.is_empty()).then_some(0),
            false => edges.iter().position(|edge| edge.settled == Settled::No),
        };
        let found = passed.map(|passed| places.start.saturating_add(passed));
        places.start = found.map_or(places.end, |found| found.saturating_add(1));
        found
    }

    /// Forgets which edges are not settled, for who looks at them no more; who does so yet finds them.
    pub(crate) fn forget_unsettled(&mut self) {
        self.unsettled = None;
    }

    /// Lets all edges be looked at again. To be called by who changes what a symbol stands for, or an edge, other than by the
    /// methods of the graph; the pipeline does so after each pass that is not its own, but for observers.
    pub fn unsettle(&mut self) {
        self.is_unsettled = true;
    }

    /// The same, if a symbol was settled that is about to stand for something else.
    pub(super) fn unsettle_symbol(&mut self, symbol: SymbolId) {
        self.is_unsettled |= self.is_settled_symbol(symbol);
    }
}

/// How many edges are settled before the first that is not: four are looked at together, since most are.
#[inline]
fn settled_first(edges: &[Edge]) -> usize {
    let is_settled = |edge: &Edge| edge.settled != Settled::No;
    let mut passed = 0_usize;
    let (fours, _) = edges.as_chunks::<4>();
    for four in fours {
        if !four.iter().all(is_settled) {
            break;
        }
        passed = passed.wrapping_add(four.len());
    }
    let rest = edges.get(passed..).unwrap_or(&[]);
    for edge in rest {
        if !is_settled(edge) {
            break;
        }
        passed = passed.wrapping_add(1);
    }
    passed
}

/// Where edges lead that are written plainly: each symbol's address is worked out once for all edges to it.
pub(crate) struct PlainTargets {
    /// Those of all symbols; none if no edge counts as settled.
    addresses: Vec<TargetAddr>,
}

/// What is noted for a symbol that doesn't stand in the graph. An edge to one that does, at this very address, is no plain one.
const ELSEWHERE: TargetAddr = TargetAddr::new(u64::MAX);

impl PlainTargets {
    /// The address that an edge leads to which is written plainly, its addend included; `None` if that isn't known here.
    #[inline]
    pub(crate) fn of(&self, edge: &Edge) -> Option<TargetAddr> {
        let &address = self.addresses.get(edge.target.index())?;
        let target = address.wrapping_offset(int::widen_i32(edge.addend));
        (address != ELSEWHERE).then_some(target)
    }
}

impl Symbol<'_> {
    /// See [`LinkGraph::is_settled_symbol`]; whether all definitions are there, the graph knows.
    const fn is_settled(&self, is_complete: bool) -> bool {
        self.is_in_graph()
            && (matches!(self.linkage, Linkage::Strong) || is_complete)
            && !matches!(self.kind, SymbolKind::IndirectFunction)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::UnsettledWalk;
    use crate::base::TargetAddr;
    use crate::edge::{DataKind, EdgeKind, X86_64Kind};
    use crate::graph::testing::Builder;
    use crate::graph::{Content, LinkGraph, Linkage, SymbolKind};

    const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    const DISTANCE: EdgeKind = EdgeKind::Data(DataKind::Delta32);
    const ADDRESS: EdgeKind = EdgeKind::Data(DataKind::Pointer32);

    fn unsettled(graph: &LinkGraph<'_>) -> Vec<usize> {
        let mut walk = UnsettledWalk::default();
        let places = core::iter::from_fn(|| graph.next_unsettled(&mut walk));
        places.map(|(_, place)| place).collect()
    }

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
        graph.blocks.at_mut(block).is_live = true;
        let first = graph.blocks.at(block).edges.indices().start;
        assert_eq!(unsettled(graph), [first + 1, first + 3]);
        graph.settle_edges().unwrap();
        assert_eq!(unsettled(graph), [first + 1, first + 3]);
        graph.insert_edge(block, 16, ADDRESS, target, 0).unwrap();
        assert_eq!(unsettled(graph).len(), 3);
    }

    #[test]
    fn what_leads_to_weak_definitions_is_settled_once_no_others_come() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let weak = builder.symbol("weak", block, 0);
        let graph = &mut builder.graph;
        graph.symbols.at_mut(weak).linkage = Linkage::Weak;
        graph.insert_edge(block, 0, CALL, weak, -4).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        assert_eq!(unsettled(graph).len(), 1);
        graph.settle_edges().unwrap();
        assert!(unsettled(graph).is_empty());
        assert_eq!(
            graph.edges(block)[0].kind,
            EdgeKind::X86_64(X86_64Kind::Branch32)
        );
        graph.make_absolute(weak, TargetAddr::ZERO).unwrap();
        assert_eq!(unsettled(graph).len(), 1);
    }

    #[test]
    fn what_was_to_be_looked_at_again_is_settled_again_if_it_still_can_be() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let [stays, goes] = ["stays", "goes"].map(|name| builder.symbol(name, block, 0));
        let graph = &mut builder.graph;
        for (offset, target) in [(0, stays), (4, goes)] {
            graph
                .insert_edge(block, offset, DISTANCE, target, 0)
                .unwrap();
        }
        graph.blocks.at_mut(block).is_live = true;
        graph.make_absolute(goes, TargetAddr::ZERO).unwrap();
        assert_eq!(unsettled(graph).len(), 2);
        graph.settle_edges().unwrap();
        let first = graph.blocks.at(block).edges.indices().start;
        assert_eq!(unsettled(graph), [first + 1]);
    }

    #[test]
    fn a_symbol_that_stands_for_something_else_unsettles_what_leads_to_it() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        graph.insert_edge(block, 0, DISTANCE, target, 0).unwrap();
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        assert_eq!(unsettled(graph).len(), 1);
    }
}
