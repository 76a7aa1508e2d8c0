//! What is left unsettled: finding those edges one after the other, of all that there are or by the list of them.
//!
//! The list is made when edges are settled, and dropped when one of them is moved; whoever walks then looks at all edges.

use alloc::vec::Vec;
use core::ops::Range;

use crate::base::{OutOfMemory, fallible, int};
use crate::edge::Settled;

use super::{BlockId, Edge, LinkGraph};

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

    /// Forgets which edges are not settled, for who looks at them no more; who does so yet finds them.
    pub(crate) fn forget_unsettled(&mut self) {
        self.unsettled = None;
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{OwnerWalk, UnsettledWalk};
    use crate::base::TargetAddr;
    use crate::edge::{DataKind, EdgeKind, X86_64Kind};
    use crate::graph::testing::{Builder, unsettled};
    use crate::graph::{Content, LinkGraph};

    const CALL: EdgeKind = EdgeKind::X86_64(X86_64Kind::RequestBranch32);
    const DISTANCE: EdgeKind = EdgeKind::Data(DataKind::Delta32);
    const ADDRESS: EdgeKind = EdgeKind::Data(DataKind::Pointer32);

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
}
