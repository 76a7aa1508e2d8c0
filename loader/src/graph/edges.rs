//! The edges of a graph: one vector, of which each block has a stretch for its fixups and one for what it keeps alive.
//!
//! Readers fill the stretches one after the other ([`LinkGraph::add_edge`], [`LinkGraph::close_edges`]). What passes add to a
//! block that has edges moves its stretch to the vector's end, with room for more: places that are marked as free, which whoever
//! ends before them may take.

use alloc::vec::Vec;

use crate::base::{OutOfMemory, fallible, int, sort};
use crate::edge::{EdgeKind, Settled};

use super::{BlockId, Edge, EdgeRange, LinkGraph, SymbolId};

impl LinkGraph<'_> {
    /// The fixups of a block.
    pub fn edges(&self, block: BlockId) -> &[Edge] {
        self.edges_in(self.blocks.at(block).edges)
    }

    /// The edges of a stretch that a block holds.
    pub fn edges_in(&self, range: EdgeRange) -> &[Edge] {
        self.edges.get(range.indices()).unwrap_or(&[])
    }

    /// The edge at a place of a block's range.
    pub fn edge(&self, index: usize) -> Option<&Edge> {
        self.edges.get(index)
    }

    /// The edge at a place of a block's range, to change it.
    pub fn edge_mut(&mut self, index: usize) -> Option<&mut Edge> {
        self.edges.get_mut(index)
    }

    /// The addend of an edge of this graph.
    #[inline]
    pub fn addend(&self, edge: &Edge) -> i64 {
        if edge.is_wide {
            let place = usize::try_from(edge.addend).unwrap_or(usize::MAX);
            return self.wide_addends.get(place).copied().unwrap_or(0);
        }
        int::widen_i32(edge.addend)
    }

    /// Whether an edge's addend is there to be read.
    pub(super) fn has_addend(&self, edge: &Edge) -> bool {
        let place = usize::try_from(edge.addend);
        !edge.is_wide || place.is_ok_and(|place| place < self.wide_addends.len())
    }

    /// Lets the edge at a place of a block's range lead to another symbol.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn retarget(
        &mut self,
        index: usize,
        target: SymbolId,
        addend: i64,
    ) -> Result<(), OutOfMemory> {
        let (addend, is_wide) = self.stored_addend(addend)?;
        if let Some(edge) = self.edges.get_mut(index) {
            edge.target = target;
            edge.addend = addend;
            edge.is_wide = is_wide;
            if edge.settled != Settled::No {
                edge.settled = Settled::No;
                self.unsettled = None;
            }
        }
        Ok(())
    }

    /// Adds an edge that the next [`close_edges`](Self::close_edges) gives to a block.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn add_edge(
        &mut self,
        offset: u32,
        kind: EdgeKind,
        target: SymbolId,
        addend: i64,
    ) -> Result<(), OutOfMemory> {
        let edge = self.new_edge(offset, kind, target, addend)?;
        fallible::push_beyond(&mut self.edges, edge)
    }

    /// Adds edges as [`add_edge`](Self::add_edge) does, as many as there was room reserved for.
    #[inline]
    pub(crate) fn add_known_edges(&mut self, edges: impl Iterator<Item = Edge>) {
        fallible::fill(&mut self.edges, edges);
    }

    /// Makes room for exactly so many more edges.
    ///
    /// # Errors
    /// The heap has no room.
    pub(crate) fn reserve_edges(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        fallible::reserve_exact(&mut self.edges, additional)
    }

    /// Where the next edge will stand; to be given to [`close_edges`](Self::close_edges).
    pub fn open_edges(&self) -> usize {
        self.edges.len()
    }

    /// Gives all edges added since `first` to a block that had none.
    ///
    /// # Errors
    /// There are more than 2^32 edges.
    pub fn close_edges(&mut self, block: BlockId, first: usize) -> Result<(), OutOfMemory> {
        self.blocks.at_mut(block).edges = self.range_since(first)?;
        Ok(())
    }

    /// Adds an edge to a block that may have others. Many such calls take time in proportion to their number. They move
    /// edges: none may come between [`open_edges`](Self::open_edges) and [`close_edges`](Self::close_edges), and the places
    /// that a block's range told before are those of its edges no more.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn insert_edge(
        &mut self,
        block: BlockId,
        offset: u32,
        kind: EdgeKind,
        target: SymbolId,
        addend: i64,
    ) -> Result<(), OutOfMemory> {
        self.unsettled = None;
        let edge = self.new_edge(offset, kind, target, addend)?;
        let range = self.with_room(self.blocks.at(block).edges)?;
        if let Some(place) = self.edges.get_mut(range.indices().end) {
            *place = edge;
        }
        self.blocks.at_mut(block).edges = EdgeRange {
            first: range.first,
            count: range.count.saturating_add(1),
        };
        Ok(())
    }

    /// Takes the edges from a block that `is_unwanted` says; the others keep their order.
    pub fn remove_edges(&mut self, block: BlockId, mut is_unwanted: impl FnMut(&Edge) -> bool) {
        self.unsettled = None;
        let range = self.blocks.at(block).edges;
        let edges = self.edges.get_mut(range.indices()).unwrap_or(&mut []);
        let mut left = 0_u32;
        for place in 0..edges.len() {
            if edges.get(place).is_some_and(&mut is_unwanted) {
                continue;
            }
            edges.swap(place, int::usize_from_u32(left));
            // At most as many as there are edges.
            left = left.saturating_add(1);
        }
        if let Some(removed) = edges.get_mut(int::usize_from_u32(left)..) {
            removed.fill(Edge::FREE);
        }
        self.blocks.at_mut(block).edges = EdgeRange {
            first: range.first,
            count: left,
        };
    }

    /// Gives back the memory of all edges, for who needs the graph once they are written, and not them. Blocks have none from
    /// now on.
    pub fn release_edges(&mut self) {
        self.edges = Vec::new();
        self.wide_addends = Vec::new();
        self.keeps = Vec::new();
        self.unsettled = None;
        for id in self.blocks.ids() {
            let block = self.blocks.at_mut(id);
            block.edges = EdgeRange::EMPTY;
            block.has_keeps = false;
        }
    }

    /// Sorts the edges of a block by their offsets; those at the same offset keep their order.
    ///
    /// # Errors
    /// The heap has no room. Nothing is allocated for edges that are sorted, as most readers leave them.
    pub fn sort_edges(&mut self, block: BlockId) -> Result<(), OutOfMemory> {
        let range = self.blocks.at(block).edges.indices();
        let edges = self.edges.get_mut(range).unwrap_or(&mut []);
        if edges.is_sorted_by_key(|edge| edge.offset) {
            return Ok(());
        }
        self.unsettled = None;
        let before = fallible::copy_of(edges)?;
        let mut places = fallible::vec_with_capacity(edges.len())?;
        for (place, edge) in before.iter().enumerate() {
            fallible::push(&mut places, (edge.offset, place))?;
        }
        sort::sort(&mut places);
        for (edge, (_, place)) in edges.iter_mut().zip(places) {
            if let Some(&moved) = before.get(place) {
                *edge = moved;
            }
        }
        Ok(())
    }

    fn new_edge(
        &mut self,
        offset: u32,
        kind: EdgeKind,
        target: SymbolId,
        addend: i64,
    ) -> Result<Edge, OutOfMemory> {
        let edge = self.open_edge(offset, kind, target, addend)?;
        Ok(edge.settled_if(self.is_settled_symbol(target)))
    }

    /// An edge that is not settled.
    pub(super) fn open_edge(
        &mut self,
        offset: u32,
        kind: EdgeKind,
        target: SymbolId,
        addend: i64,
    ) -> Result<Edge, OutOfMemory> {
        let (addend, is_wide) = self.stored_addend(addend)?;
        Ok(Edge {
            is_wide,
            ..Edge::of(kind, false).at(offset, target, addend)
        })
    }

    /// An addend as an edge stores it.
    #[inline]
    fn stored_addend(&mut self, addend: i64) -> Result<(i32, bool), OutOfMemory> {
        match i32::try_from(addend) {
            Ok(narrow) => Ok((narrow, false)),
            Err(_) => self.add_wide_addend(addend),
        }
    }

    #[cold]
    fn add_wide_addend(&mut self, addend: i64) -> Result<(i32, bool), OutOfMemory> {
        let place = i32::try_from(self.wide_addends.len()).map_err(|_| OutOfMemory)?;
        fallible::push(&mut self.wide_addends, addend)?;
        Ok((place, true))
    }

    /// The stretch from `first` to the end of all edges.
    pub(super) fn range_since(&self, first: usize) -> Result<EdgeRange, OutOfMemory> {
        let end = u32::try_from(self.edges.len()).map_err(|_| OutOfMemory)?;
        let first = u32::try_from(first).map_err(|_| OutOfMemory)?;
        Ok(EdgeRange {
            first,
            count: end.saturating_sub(first),
        })
    }

    /// The stretch itself if there is room for one more edge behind it, or else a copy of it at the end with room for as many
    /// again.
    fn with_room(&mut self, range: EdgeRange) -> Result<EdgeRange, OutOfMemory> {
        if (self.edges.get(range.indices().end)).is_some_and(Edge::is_free) {
            return Ok(range);
        }
        let first = self.edges.len();
        let room = range.len().max(1);
        fallible::extend_with(
            &mut self.edges,
            Edge::FREE,
            range.len().saturating_add(room),
        )?;
        let moved = self.range_since(first);
        // More than 2^32 edges: nothing was added then.
        let moved = moved.inspect_err(|_| self.edges.truncate(first))?;
        self.edges.copy_within(range.indices(), first);
        Ok(EdgeRange {
            first: moved.first,
            count: range.count,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use crate::base::OutOfMemory;
    use crate::edge::{DataKind, EdgeKind};
    use crate::graph::testing::Builder;
    use crate::graph::{BlockId, Content, LinkGraph};

    const POINTER: EdgeKind = EdgeKind::Data(DataKind::Pointer64);

    fn offsets(graph: &LinkGraph<'_>, block: BlockId) -> Vec<u32> {
        graph.edges(block).iter().map(|edge| edge.offset).collect()
    }

    #[test]
    fn wide_addends_are_kept_whole() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[0; 64]));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        for addend in [0, i64::from(i32::MIN), i64::from(i32::MAX) + 1, i64::MIN] {
            graph
                .insert_edge(block, 0, POINTER, target, addend)
                .unwrap();
            let edge = graph.edges(block).last().unwrap();
            assert_eq!(graph.addend(edge), addend);
        }
    }

    #[test]
    fn a_graph_whose_edges_are_released_has_none_and_is_sound() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        for offset in [0, 8] {
            let addend = i64::MAX;
            graph
                .insert_edge(block, offset, POINTER, target, addend)
                .unwrap();
        }
        graph.add_keeps(&[(block, target)]).unwrap();
        graph.release_edges();
        assert!(graph.edges(block).is_empty() && graph.keeps(block).is_empty());
        graph.verify().unwrap();
        graph.insert_edge(block, 8, POINTER, target, 0).unwrap();
        assert_eq!(offsets(graph, block), [8]);
    }

    #[test]
    fn edges_inserted_in_turn_stay_with_their_blocks() {
        let mut builder = Builder::new();
        let blocks = [(); 3].map(|()| builder.block(Content::ZeroFill(4096)));
        let target = builder.symbol("target", blocks[0], 0);
        let graph = &mut builder.graph;
        for offset in 0..500 {
            for block in blocks {
                graph
                    .insert_edge(block, offset, POINTER, target, 0)
                    .unwrap();
            }
        }
        let all: Vec<u32> = (0..500).collect();
        for block in blocks {
            assert_eq!(offsets(graph, block), all);
        }
        // Each stretch has moved a few times, not each time.
        assert!(graph.open_edges() < 3 * 4 * 500, "{}", graph.open_edges());
    }

    #[test]
    fn an_inserted_edge_follows_those_that_were_read() {
        let mut builder = Builder::new();
        let blocks = [(); 2].map(|()| builder.block(Content::ZeroFill(64)));
        let target = builder.symbol("target", blocks[0], 0);
        for block in blocks {
            builder.edges(block, &[(8, target), (0, target)]);
        }
        let graph = &mut builder.graph;
        graph
            .insert_edge(blocks[0], 16, POINTER, target, 0)
            .unwrap();
        assert_eq!(offsets(graph, blocks[0]), [8, 0, 16]);
        assert_eq!(offsets(graph, blocks[1]), [8, 0]);
    }

    #[test]
    fn edges_are_removed_by_what_they_are_and_leave_room() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        builder.edges(
            block,
            &[(0, target), (8, target), (16, target), (24, target)],
        );
        let graph = &mut builder.graph;
        graph.remove_edges(block, |edge| edge.offset % 16 == 0);
        assert_eq!(offsets(graph, block), [8, 24]);
        let before = graph.open_edges();
        graph.insert_edge(block, 32, POINTER, target, 0).unwrap();
        assert_eq!(offsets(graph, block), [8, 24, 32]);
        assert_eq!(graph.open_edges(), before);
    }

    #[test]
    fn room_that_edges_left_is_taken_once() {
        let mut builder = Builder::new();
        let blocks = [(); 3].map(|()| builder.block(Content::Bytes(&[0; 64])));
        let target = builder.symbol("target", blocks[0], 0);
        for block in blocks {
            builder.edges(block, &[(0, target), (8, target)]);
        }
        let graph = &mut builder.graph;
        graph.remove_edges(blocks[1], |_| true);
        // The first block ends where the second begins, which has no edges now.
        for offset in [16, 24] {
            for block in blocks {
                (graph.insert_edge(block, offset, POINTER, target, 0)).unwrap();
            }
        }
        let all = blocks.map(|block| offsets(graph, block));
        assert_eq!(all, [vec![0, 8, 16, 24], vec![16, 24], vec![0, 8, 16, 24]]);
        graph.verify().unwrap();
    }

    #[test]
    fn an_edge_behind_the_last_is_no_room_whatever_its_addend() {
        let mut builder = Builder::new();
        let [block, next] = [(); 2].map(|()| builder.block(Content::Bytes(&[0; 64])));
        let target = builder.symbol("target", block, 0);
        for addend in [-1, i64::MIN, i64::MAX] {
            let graph = &mut builder.graph;
            for (block, addend) in [(block, 0), (next, addend)] {
                let first = graph.open_edges();
                graph.add_edge(0, POINTER, target, addend).unwrap();
                graph.close_edges(block, first).unwrap();
            }
            graph.insert_edge(block, 8, POINTER, target, 0).unwrap();
            assert_eq!(offsets(graph, block), [0, 8]);
            let behind = graph.edges(next)[0];
            assert_eq!((behind.offset, graph.addend(&behind)), (0, addend));
        }
    }

    #[test]
    fn sorted_edges_of_one_offset_keep_their_order() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let [a, b] = ["a", "b"].map(|name| builder.symbol(name, block, 0));
        builder.edges(block, &[(8, b), (0, b), (8, a), (0, a)]);
        let graph = &mut builder.graph;
        graph.sort_edges(block).unwrap();
        let edges = graph.edges(block).iter();
        let edges: Vec<_> = edges.map(|edge| (edge.offset, edge.target)).collect();
        assert_eq!(edges, [(0, b), (0, a), (8, b), (8, a)]);
    }

    #[test]
    fn keeps_stand_apart_from_fixups_and_add_up() {
        let mut builder = Builder::new();
        let blocks = [(); 2].map(|()| builder.block(Content::ZeroFill(64)));
        let [a, b] = ["a", "b"].map(|name| builder.symbol(name, blocks[0], 0));
        builder.edges(blocks[0], &[(0, a)]);
        let graph = &mut builder.graph;
        graph
            .add_keeps(&[(blocks[0], a), (blocks[1], a), (blocks[1], b)])
            .unwrap();
        graph.add_keeps(&[(blocks[0], b)]).unwrap();
        for block in blocks {
            let kept: Vec<_> = graph.keeps(block).iter().map(|keep| keep.target).collect();
            assert_eq!(kept, [a, b]);
        }
        assert_eq!(offsets(graph, blocks[0]), [0]);
        assert!(graph.edges(blocks[1]).is_empty());
    }

    #[test]
    fn edges_that_no_heap_can_hold_leave_the_block_as_it_was() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(64));
        let target = builder.symbol("target", block, 0);
        let graph = &mut builder.graph;
        let mut count = 0;
        let error = crate::base::failing_heap::fail_after(2, || {
            loop {
                if let Err(error) = graph.insert_edge(block, count, POINTER, target, 0) {
                    return error;
                }
                count += 1;
            }
        });
        assert_eq!(error, OutOfMemory);
        assert_eq!(offsets(graph, block), (0..count).collect::<Vec<_>>());
    }
}
