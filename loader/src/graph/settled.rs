//! What is settled: edges that nobody has to look at again before they are written.
//!
//! Of most relocations all is known once they are read: their targets stand in the graph for good, and their kinds ask for no
//! table. Passes pass them over, so that a link looks at them twice: when they are read, and when they are written. Those whose
//! targets are weak are settled once all definitions are there; those that ask for an entry of a table, once they lead to it.

use alloc::vec::Vec;
use core::ops::Range;

use crate::base::{OutOfMemory, TargetAddr, fallible, int};
use crate::edge::{EdgeKind, Settled};
use crate::memory::Lifetime;

use super::{BlockId, Definition, Edge, LinkGraph, Linkage, Symbol, SymbolId, SymbolKind};

/// A walk over the edges that are not settled; it begins where it is made. Between its steps, edges may be changed, and blocks,
/// symbols and edges be added, but none may be moved. It may pass over what was added since edges were listed: tables' and
/// veneers' own edges need nothing more.
#[derive(Clone, Default, Debug)]
pub struct UnsettledWalk {
    /// The next place in the list of such edges, while there is one.
    place: usize,
    /// Where the walk stands among all edges.
    owner: OwnerWalk,
}

/// A walk over blocks in the order of layout, beside one over edges in that order: it tells whose they are.
#[derive(Clone, Default, Debug)]
pub(crate) struct OwnerWalk {
    /// The next place in the order of blocks.
    place: usize,
    /// The block where the walk stands, and the places of those of its edges that are left.
    block: Option<BlockId>,
    edges: Range<usize>,
}

/// An edge that a walk found.
#[derive(Clone, Copy, Debug)]
pub struct FoundEdge<'g> {
    /// The block that holds it.
    pub block: BlockId,
    /// Its place among all edges: see [`LinkGraph::edge_mut`].
    pub index: usize,
    /// The edge as it is now.
    pub edge: &'g Edge,
}

/// The edges that were not settled when all definitions were there, whether or not they are now, for who changes them one
/// after the other, in the order of a walk.
#[derive(Debug)]
pub(crate) struct OnceUnsettled {
    edges: Vec<u32>,
    /// Whether it is the graph's list.
    is_listed: bool,
}

impl OnceUnsettled {
    /// The edges' places among all edges.
    #[inline]
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.edges.iter().map(|&index| int::usize_from_u32(index))
    }
}

impl LinkGraph<'_> {
    /// Whether a symbol stands in a block and goes on to do so: no other definition can take its place, and nothing chooses
    /// what it stands for.
    pub fn is_settled_symbol(&self, symbol: SymbolId) -> bool {
        self.symbols.at(symbol).is_settled(self.is_complete)
    }

    /// Whether an edge needs nothing but to be written: it leads to what is settled, or to a name that was looked up and whose
    /// distance is known.
    #[inline]
    pub const fn is_settled(&self, edge: &Edge) -> bool {
        !matches!(edge.settled, Settled::No) && !self.is_unsettled
    }

    /// Where plain edges lead, as blocks lie now.
    pub(crate) fn plain_targets(&self) -> Result<PlainTargets, OutOfMemory> {
        let mut addresses = Vec::new();
        if !self.is_unsettled {
            addresses = fallible::vec_with_capacity(self.symbols.len())?;
            let address = |symbol: &Symbol<'_>| match symbol.definition {
                Definition::Block { block, offset } => self.blocks.at(block).address_of(offset),
                Definition::Resolved(address) => address,
                _ => ELSEWHERE,
            };
            fallible::fill(&mut addresses, self.symbols.values().map(address));
        }
        Ok(PlainTargets { addresses })
    }

    /// The next edge of a live block that is not settled: blocks in the order of layout, and the edges of each in theirs. Where
    /// the walk stands, `walk` says.
    #[inline]
    pub fn next_unsettled(&self, walk: &mut UnsettledWalk) -> Option<FoundEdge<'_>> {
        let Some(listed) = self.listed() else {
            let (block, index) = self.find_unlisted(&mut walk.owner, self.is_unsettled)?;
            return self.found(block, index);
        };
        loop {
            let index = int::usize_from_u32(*listed.get(walk.place)?);
            walk.place = walk.place.saturating_add(1);
            // It may have been settled since.
            if self.edges.get(index)?.settled == Settled::No
                && let Some(block) = self.owner_of(index, &mut walk.owner)
            {
                // Should the list be gone at the next step, the walk goes on behind this edge.
                walk.owner.edges.start = index.saturating_add(1);
                return self.found(block, index);
            }
        }
    }

    #[inline]
    fn found(&self, block: BlockId, index: usize) -> Option<FoundEdge<'_>> {
        let edge = self.edges.get(index)?;
        Some(FoundEdge { block, index, edge })
    }

    /// The block that holds the edge at a place; `None` if none does from where the walk stands: to know that takes a look at all
    /// blocks behind. Each listed edge has one, as who removes a block drops the list.
    #[inline]
    pub(crate) fn owner_of(&self, index: usize, walk: &mut OwnerWalk) -> Option<BlockId> {
        match walk.edges.contains(&index) {
            true => walk.block,
            false => self.find_owner(index, walk),
        }
    }

    #[inline(never)]
    fn find_owner(&self, index: usize, walk: &mut OwnerWalk) -> Option<BlockId> {
        let mut left = walk.place..self.blocks.len();
        let found = left.find_map(|place| {
            let id = self.block_in_order(place);
            let edges = self.blocks.at(id).edges.indices();
            edges.contains(&index).then_some((id, edges))
        });
        let (id, edges) = found?;
        *walk = OwnerWalk {
            place: left.start,
            block: Some(id),
            edges,
        };
        Some(id)
    }

    /// Takes the list of the edges that were not settled when all definitions were there out of the graph, to be given back once
    /// they are changed; if it isn't, walks look at all edges. If there is no list, it is made of all edges of live blocks.
    ///
    /// # Errors
    /// The heap has no room.
    pub(crate) fn take_once_unsettled(&mut self) -> Result<OnceUnsettled, OutOfMemory> {
        if !self.is_unsettled
            && let Some(edges) = self.unsettled.take()
        {
            let is_listed = true;
            return Ok(OnceUnsettled { edges, is_listed });
        }
        let mut edges = Vec::new();
        let mut walk = OwnerWalk::default();
        while let Some((_, index)) = self.find_unlisted(&mut walk, true) {
            // Places are stored in as many bits.
            fallible::push_beyond(&mut edges, int::low_u32(int::from_usize(index)))?;
        }
        let is_listed = false;
        Ok(OnceUnsettled { edges, is_listed })
    }

    /// Takes the list back, if it was the graph's, for who looks at those edges later: none was moved meanwhile.
    pub(crate) fn give_back(&mut self, unsettled: OnceUnsettled) {
        if unsettled.is_listed {
            self.unsettled = Some(unsettled.edges);
        }
    }

    /// The edges that were not settled when all definitions were there, if they are where they were.
    #[inline]
    fn listed(&self) -> Option<&[u32]> {
        let listed = self.unsettled.as_deref();
        listed.filter(|_| !self.is_unsettled)
    }

    /// The next edge of all that there are, of those that are not settled unless `any_counts`.
    #[cold]
    #[inline(never)]
    fn find_unlisted(&self, walk: &mut OwnerWalk, any_counts: bool) -> Option<(BlockId, usize)> {
        loop {
            if let Some(index) = self.next_among(&mut walk.edges, any_counts) {
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
    /// found at once until edges are moved. What those lead to is live, but for what only describes the program.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn settle_edges(&mut self) -> Result<(), OutOfMemory> {
        self.is_complete = true;
        self.has_thread_local = false;
        // What was settled may not be so any more.
        let looks_at_all = self.is_unsettled;
        let mut listed = Vec::new();
        for place in 0..self.blocks.len() {
            let id = self.block_in_order(place);
            let block = self.blocks.at(id);
            if !block.is_live {
                continue;
            }
            let keeps_program = self.sections.at(block.section).lifetime != Lifetime::NoAlloc;
            let (mut index, symbols) = (block.edges.places().start, &mut self.symbols);
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
                    self.has_thread_local |= edge.kind.row().is_thread_local();
                    if keeps_program {
                        symbols.at_mut(edge.target).is_live = true;
                    }
                    fallible::push_beyond(&mut listed, index)?;
                }
                (index, left) = (index.wrapping_add(1), behind);
            }
        }
        self.unsettled = Some(listed);
        self.is_unsettled = false;
        Ok(())
    }

    /// The next of some places of edges that is not settled, or of any; the places that are left follow it.
    fn next_among(&self, places: &mut Range<usize>, any_counts: bool) -> Option<usize> {
        let edges = self.edges.get(places.clone()).unwrap_or(&[]);
        let passed = match any_counts {
            true => (!edges.is_empty()).then_some(0),
            false => edges.iter().position(|edge| edge.settled == Settled::No),
        };
        let found = passed.map(|passed| places.start.saturating_add(passed));
        places.start = found.map_or(places.end, |found| found.saturating_add(1));
        found
    }

    /// Whether the kind of an edge may be one of thread-local storage: of a live block's, all of which are listed or none.
    pub(crate) const fn may_have_thread_local(&self) -> bool {
        self.has_thread_local || self.is_unsettled || self.unsettled.is_none()
    }

    /// Lets the edge at a place of a block's range be of another kind and lead to another symbol, and settles it if that can be.
    #[inline]
    pub(crate) fn redirect(&mut self, index: usize, kind: EdgeKind, target: SymbolId) {
        let is_settled = self.is_settled_symbol(target);
        if let Some(edge) = self.edges.get_mut(index) {
            let open = Edge {
                kind,
                target,
                settled: Settled::No,
                ..*edge
            };
            *edge = open.settled_if(is_settled);
        }
    }

    /// As [`redirect`](Self::redirect), to a symbol that is known to be settled: `template` is a settled edge of the kind.
    #[inline]
    pub(crate) fn redirect_settled(&mut self, index: usize, template: &Edge, target: SymbolId) {
        if let Some(edge) = self.edges.get_mut(index) {
            *edge = edge.like(template, target);
        }
    }

    /// Lets a settled edge lead to another symbol, to which it needs nothing more, either: one that was looked up, once all
    /// addresses are chosen.
    #[inline]
    pub(crate) fn bypass(&mut self, index: usize, resolved: SymbolId) {
        if let Some(edge) = self.edges.get_mut(index) {
            edge.target = resolved;
        }
    }

    /// Lets the edge at a place of a block's range be another one, once all addresses are chosen: what leads to a name that was
    /// looked up needs nothing more then, either.
    ///
    /// # Errors
    /// The heap has no room.
    pub(crate) fn rewrite(
        &mut self,
        index: usize,
        offset: u32,
        kind: EdgeKind,
        target: SymbolId,
        addend: i64,
    ) -> Result<(), OutOfMemory> {
        let edge = self.open_edge(offset, kind, target, addend)?;
        let is_settled = self.was_looked_up(target) || self.is_settled_symbol(target);
        if let Some(place) = self.edges.get_mut(index) {
            *place = edge.settled_if(is_settled);
        }
        Ok(())
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

    /// The same, if edges to a symbol may be settled that is about to stand for something else.
    pub(super) fn unsettle_symbol(&mut self, symbol: SymbolId) {
        self.is_unsettled |= self.is_settled_symbol(symbol) || self.was_looked_up(symbol);
    }

    /// Whether a symbol is a name that was looked up: once all addresses are chosen, edges to it are settled, too.
    pub(super) fn was_looked_up(&self, symbol: SymbolId) -> bool {
        matches!(self.symbols.at(symbol).definition, Definition::Resolved(_))
    }
}

/// How many edges are settled before the first that is not: eight are looked at together, since most are.
#[inline]
fn settled_first(edges: &[Edge]) -> usize {
    let is_settled = |edge: &Edge| edge.settled != Settled::No;
    let mut passed = 0_usize;
    let (eights, _) = edges.as_chunks::<8>();
    for eight in eights {
        if !eight.iter().all(is_settled) {
            break;
        }
        passed = passed.wrapping_add(eight.len());
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

/// What is noted for a symbol that neither stands in the graph nor was looked up. An edge to one that does or was, at this very
/// address, is no plain one.
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
    pub(super) const fn is_settled(&self, is_complete: bool) -> bool {
        self.is_in_graph()
            && (matches!(self.linkage, Linkage::Strong) || is_complete)
            && !matches!(self.kind, SymbolKind::IndirectFunction)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{OwnerWalk, UnsettledWalk};
    use crate::base::{OutOfMemory, TargetAddr, failing_heap};
    use crate::edge::{DataKind, EdgeKind, X86_64Kind};
    use crate::graph::testing::Builder;
    use crate::graph::{Content, LinkGraph, Linkage, SymbolKind};
    use crate::memory::Lifetime;

    const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    const DISTANCE: EdgeKind = EdgeKind::Data(DataKind::Delta32);
    const ADDRESS: EdgeKind = EdgeKind::Data(DataKind::Pointer32);

    fn unsettled(graph: &LinkGraph<'_>) -> Vec<usize> {
        let mut walk = UnsettledWalk::default();
        let places = core::iter::from_fn(|| graph.next_unsettled(&mut walk));
        places.map(|found| found.index).collect()
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
    fn settling_that_fails_leaves_edges_to_be_looked_at() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[0; 64]));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        graph.insert_edge(block, 0, CALL, target, -4).unwrap();
        graph.blocks.at_mut(block).is_live = true;
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        let settled = failing_heap::fail_after(0, || graph.settle_edges());
        assert_eq!(settled, Err(OutOfMemory));
        graph.verify().unwrap();
        assert_eq!(unsettled(graph).len(), 1);
    }

    #[test]
    fn what_only_describes_the_program_asks_for_no_name() {
        for (lifetime, is_live) in [(Lifetime::Standard, true), (Lifetime::NoAlloc, false)] {
            let mut builder = Builder::new();
            let block = builder.block(Content::ZeroFill(64));
            let target = builder.symbol("target", block, 0);
            let graph = &mut builder.graph;
            let section = graph.blocks.at(block).section;
            graph.sections.at_mut(section).lifetime = lifetime;
            graph.make_absolute(target, TargetAddr::ZERO).unwrap();
            graph.insert_edge(block, 0, DISTANCE, target, 0).unwrap();
            graph.blocks.at_mut(block).is_live = true;
            graph.settle_edges().unwrap();
            assert_eq!(graph.symbols.at(target).is_live, is_live);
        }
    }

    #[test]
    fn of_blocks_that_are_left_out_it_is_no_matter_what_edges_lead_to() {
        let mut builder = Builder::new();
        let [live, dead] = [64; 2].map(|size| builder.block(Content::ZeroFill(size)));
        let target = builder.symbol("target", live, 0);
        let graph = &mut builder.graph;
        for block in [live, dead] {
            graph.insert_edge(block, 0, CALL, target, -4).unwrap();
        }
        graph.blocks.at_mut(live).is_live = true;
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        graph.settle_edges().unwrap();
        assert_eq!(unsettled(graph).len(), 1);
        let content = Content::Bytes(&[0; 64]);
        for block in [live, dead] {
            graph.set_content(block, content).unwrap();
        }
        graph.verify().unwrap();
    }

    #[test]
    fn edges_are_found_with_their_blocks_and_those_of_removed_ones_no_more() {
        let mut builder = Builder::new();
        let blocks = [(); 3].map(|()| builder.block(Content::ZeroFill(64)));
        let target = builder.symbol("target", blocks[0], 0);
        let graph = &mut builder.graph;
        graph.make_absolute(target, TargetAddr::ZERO).unwrap();
        for block in blocks {
            for offset in [0, 8] {
                (graph.insert_edge(block, offset, CALL, target, -4)).unwrap();
            }
            graph.blocks.at_mut(block).is_live = true;
        }
        let found = |graph: &LinkGraph<'_>| {
            let mut walk = UnsettledWalk::default();
            let found = core::iter::from_fn(|| graph.next_unsettled(&mut walk));
            found.map(|found| found.block).collect::<Vec<_>>()
        };
        graph.settle_edges().unwrap();
        let [a, b, c] = blocks;
        assert_eq!(found(graph), [a, a, b, b, c, c]);
        let listed = graph.take_once_unsettled().unwrap();
        let mut walk = OwnerWalk::default();
        let owners = listed
            .places()
            .map(|index| graph.owner_of(index, &mut walk));
        assert_eq!(owners.collect::<Vec<_>>(), [a, a, b, b, c, c].map(Some));
        graph.give_back(listed);
        graph.remove_block(b);
        assert_eq!(found(graph), [a, a, c, c]);
        let listed = graph.take_once_unsettled().unwrap();
        assert_eq!(listed.places().count(), 4);
    }

    #[test]
    fn a_walk_whose_list_is_dropped_finds_each_edge_once() {
        let mut builder = Builder::new();
        let blocks = [(); 3].map(|()| builder.block(Content::ZeroFill(64)));
        let target = builder.symbol("target", blocks[0], 0);
        for block in blocks {
            let first = builder.graph.open_edges();
            for (offset, kind) in [(0, ADDRESS), (8, ADDRESS), (16, DISTANCE)] {
                (builder.graph.add_edge(offset, kind, target, 0)).unwrap();
            }
            builder.graph.close_edges(block, first).unwrap();
            builder.graph.blocks.at_mut(block).is_live = true;
        }
        let graph = &mut builder.graph;
        graph.settle_edges().unwrap();
        let mut walk = UnsettledWalk::default();
        let mut found = Vec::new();
        while let Some(edge) = graph.next_unsettled(&mut walk) {
            found.push(edge.index);
            if found.len() == 3 {
                graph.forget_unsettled();
            }
        }
        assert_eq!(found, [0, 1, 3, 4, 6, 7]);
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
