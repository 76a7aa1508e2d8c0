//! Splitting: a block becomes several, each with the fixups and symbols that stand in it.

use alloc::vec::Vec;
use core::ops::Range;

use crate::base::{OutOfMemory, fallible, int};

use super::{Block, BlockId, Content, Definition, GraphError, LinkGraph, SplitFault};

/// Where a block is split: `offset` bytes after its start.
type Split = (BlockId, u64);

/// For each block that there was, the places of its splits among all of them.
type Places = Vec<Range<usize>>;

impl<'a> LinkGraph<'a> {
    /// Splits a block in two and returns the second. See [`split_blocks`](Self::split_blocks), which costs as much for many
    /// splits as this does for one.
    ///
    /// # Errors
    /// As of [`split_blocks`](Self::split_blocks).
    pub fn split_block(&mut self, block: BlockId, offset: u64) -> Result<BlockId, GraphError> {
        let mut tails = self.split_blocks(&[(block, offset)])?;
        // One split makes one block.
        Ok(tails.next().unwrap_or(block))
    }

    /// Splits a block at several offsets, in ascending order, and returns the parts but the first, in their order. See
    /// [`split_blocks`](Self::split_blocks).
    ///
    /// # Errors
    /// As of [`split_blocks`](Self::split_blocks).
    pub fn split_block_at(
        &mut self,
        block: BlockId,
        offsets: &[u64],
    ) -> Result<impl ExactSizeIterator<Item = BlockId> + use<'a>, GraphError> {
        let mut splits = fallible::vec_with_capacity(offsets.len())?;
        for &offset in offsets {
            fallible::push(&mut splits, (block, offset))?;
        }
        self.split_blocks(&splits)
    }

    /// Splits blocks, each at one offset or several; the splits ascend by block and offset. Returns the new blocks, one for
    /// each split, in that order: each is what stands behind the split, up to the next one. The id of the block itself is
    /// from then on that of its first part.
    ///
    /// Fixups and symbols at or past a split go with what stands there; what the block keeps alive stays with its first
    /// part. Sizes of symbols are as before, and so are addends: a fixup that leads to one part by an addend to a symbol in
    /// another is right as long as the parts stay together, which they do unless one of them is not live.
    ///
    /// The cost is linear in the graph's blocks and symbols and the edges of the blocks that are split.
    ///
    /// # Errors
    /// A split that is not within its block, or within a fixup, or out of order; or the heap has no room. The blocks are as
    /// they were then, but for the order of their edges, and for tables that are kept as bytes from then on.
    pub fn split_blocks(
        &mut self,
        splits: &[Split],
    ) -> Result<impl ExactSizeIterator<Item = BlockId> + use<'a>, GraphError> {
        let first_new = u32::try_from(self.blocks.len()).map_err(|_| OutOfMemory)?;
        if splits.is_empty() {
            return Ok(self.blocks.ids_since(first_new));
        }
        self.check(splits)?;
        for of_block in by_block(splits) {
            self.prepare(of_block)?;
        }
        let places = self.places_of(splits)?;
        let order = self.order_after(&places)?;
        self.blocks.try_reserve(splits.len())?;
        let is_listed = |(block, _): &&Split| self.blocks.at(*block).content.is_listed();
        let listed = splits.iter().filter(is_listed).count();
        self.reserve_contents(listed)?;
        // From here on, nothing fails.
        self.unsettled = None;
        for of_block in by_block(splits) {
            self.cut(of_block)?;
        }
        self.move_symbols(splits, &places);
        self.order = order;
        Ok(self.blocks.ids_since(first_new))
    }

    /// The block at a place of the order in which blocks are laid out: that of their addition, but for parts of blocks,
    /// which follow each other. There are as many places as blocks.
    pub fn block_in_order(&self, place: usize) -> BlockId {
        let place_in_arena = BlockId::from_index(int::low_u32(int::from_usize(place)));
        self.order.get(place).copied().unwrap_or(place_in_arena)
    }

    /// Checks that splits ascend and lie within their blocks.
    fn check(&self, splits: &[Split]) -> Result<(), GraphError> {
        let mut previous = None;
        for &(id, offset) in splits {
            let block = self.blocks.at(id);
            let fault = if previous.is_some_and(|previous| previous >= (id, offset)) {
                SplitFault::OutOfOrder
            } else if block.is_removed() || offset == 0 || offset >= block.content.size_bytes() {
                SplitFault::Outside
            } else if u32::try_from(u64::from(block.section_offset).saturating_add(offset)).is_err()
            {
                SplitFault::TooFar
            } else {
                previous = Some((id, offset));
                continue;
            };
            let site = self.site(id, offset);
            return Err(GraphError::Split { site, fault });
        }
        Ok(())
    }

    /// Makes a block ready to be split: its content has parts, its edges are sorted, and none stands across a split.
    fn prepare(&mut self, splits: &[Split]) -> Result<(), GraphError> {
        let Some(&(block, _)) = splits.first() else {
            return Ok(());
        };
        if matches!(
            self.content_of(self.blocks.at(block)),
            Content::Repeated { .. }
        ) {
            self.content_mut(block)?;
        }
        self.sort_edges(block)?;
        let mut edges = self.edges(block).iter().peekable();
        let mut end = 0_u64;
        for &(block, offset) in splits {
            while let Some(edge) = edges.next_if(|edge| u64::from(edge.offset) < offset) {
                let size_bytes = edge.kind.row().field.size_bytes();
                end = end.max(u64::from(edge.offset).saturating_add(size_bytes));
            }
            if end > offset {
                let site = self.site(block, offset);
                let fault = SplitFault::WithinFixup;
                return Err(GraphError::Split { site, fault });
            }
        }
        Ok(())
    }

    fn places_of(&self, splits: &[Split]) -> Result<Places, OutOfMemory> {
        let mut places = fallible::vec_of(0..0, self.blocks.len())?;
        let mut first = 0_usize;
        for of_block in by_block(splits) {
            let end = first.saturating_add(of_block.len());
            if let Some(&(block, _)) = of_block.first()
                && let Some(place) = places.get_mut(block.index())
            {
                *place = first..end;
            }
            first = end;
        }
        Ok(places)
    }

    /// The order of all blocks once they are split.
    fn order_after(&self, places: &Places) -> Result<Vec<BlockId>, OutOfMemory> {
        let mut order = Vec::new();
        fallible::reserve(&mut order, places.len())?;
        for place in 0..places.len() {
            let block = self.block_in_order(place);
            fallible::push(&mut order, block)?;
            for split in places.get(block.index()).cloned().unwrap_or_default() {
                fallible::push(&mut order, new_block(places, split))?;
            }
        }
        Ok(order)
    }

    /// Makes the parts of one block.
    fn cut(&mut self, splits: &[Split]) -> Result<(), OutOfMemory> {
        let Some(&(id, _)) = splits.first() else {
            return Ok(());
        };
        // What is not cut yet, and where it starts in the block. Its edges still count from the block's start.
        let mut rest = *self.blocks.at(id);
        let mut whole = self.content_of(&rest);
        let mut start = 0_u64;
        let mut first_part = Some(id);
        for &(_, offset) in splits {
            let size_bytes = offset.saturating_sub(start);
            // It was made sure that the content has parts.
            let Some((content, tail)) = whole.split_at(size_bytes) else {
                return Ok(());
            };
            whole = tail;
            // Room for the parts was made.
            let content = match rest.content.is_listed() && first_part.is_some() {
                true => {
                    self.set_content(id, content)?;
                    self.blocks.at(id).content
                }
                false => self.store(content)?,
            };
            let edges = self.edges_in(rest.edges);
            let before = edges.partition_point(|edge| u64::from(edge.offset) < offset);
            let (edges, tail_edges) = rest.edges.split_at(before);
            let part = Block {
                content,
                edges,
                ..rest
            };
            self.add_part(first_part.take(), part, start)?;
            rest = Block {
                // It was made sure that this fits.
                section_offset: rest.section_offset.wrapping_add(int::low_u32(size_bytes)),
                edges: tail_edges,
                has_keeps: false,
                address: rest.address.wrapping_offset(size_bytes.cast_signed()),
                ..rest
            };
            start = offset;
        }
        rest.content = self.store(whole)?;
        self.add_part(first_part, rest, start)
    }

    /// Stores a part, in place of the block that was split or as a new one. Its edges count from its own start from then on.
    fn add_part(
        &mut self,
        id: Option<BlockId>,
        part: Block<'a>,
        start: u64,
    ) -> Result<(), OutOfMemory> {
        // A block that has edges is smaller than 2^32 bytes up to the last of them.
        let start = int::low_u32(start);
        let edges = self.edges.get_mut(part.edges.indices());
        for edge in edges.unwrap_or(&mut []) {
            edge.offset = edge.offset.saturating_sub(start);
        }
        match id {
            Some(id) => *self.blocks.at_mut(id) = part,
            None => {
                self.blocks.try_push(part)?;
            }
        }
        Ok(())
    }

    /// Lets the symbols at or past the splits stand in the new blocks.
    fn move_symbols(&mut self, splits: &[Split], places: &Places) {
        for symbol in self.symbols.iter_mut() {
            let Definition::Block { block, offset } = symbol.definition else {
                continue;
            };
            let Some(of_block) = places.get(block.index()) else {
                continue;
            };
            // What stands before its block has a negative offset.
            if of_block.is_empty() || offset.cast_signed() < 0 {
                continue;
            }
            let here = splits.get(of_block.clone()).unwrap_or(&[]);
            let passed = here.partition_point(|&(_, split)| split <= offset);
            let Some(last) = passed.checked_sub(1) else {
                continue;
            };
            if let Some(&(_, split)) = here.get(last) {
                symbol.definition = Definition::Block {
                    block: new_block(places, of_block.start.saturating_add(last)),
                    offset: offset.saturating_sub(split),
                };
            }
        }
    }
}

/// The splits of each block.
fn by_block(splits: &[Split]) -> impl Iterator<Item = &[Split]> {
    splits.chunk_by(|(block, _), (next, _)| block == next)
}

/// The block that a split makes: they follow those that there were.
fn new_block(places: &Places, split: usize) -> BlockId {
    let index = int::from_usize(places.len().saturating_add(split));
    BlockId::from_index(int::low_u32(index))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use crate::base::Alignment;
    use crate::edge::{DataKind, EdgeKind};
    use crate::graph::testing::Builder;
    use crate::graph::{BlockId, Content, Definition, GraphError, LinkGraph, SplitFault, SymbolId};

    const BYTES: [u8; 32] = {
        let mut bytes = [0; 32];
        let mut place = 0;
        while place < 32 {
            bytes[place] = place as u8;
            place += 1;
        }
        bytes
    };

    fn place(graph: &LinkGraph<'_>, symbol: SymbolId) -> (BlockId, u64) {
        match graph.symbols.at(symbol).definition {
            Definition::Block { block, offset } => (block, offset),
            other => panic!("{other:?}"),
        }
    }

    fn offsets(graph: &LinkGraph<'_>, block: BlockId) -> Vec<u32> {
        graph.edges(block).iter().map(|edge| edge.offset).collect()
    }

    fn fault(error: GraphError) -> SplitFault {
        match error {
            GraphError::Split { fault, .. } => fault,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn edges_and_symbols_follow_their_bytes() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&BYTES));
        let names = ["start", "before", "at", "after", "end"];
        let symbols: Vec<_> = (names.iter().zip([0, 15, 16, 20, 32]))
            .map(|(name, offset)| builder.symbol(name, block, offset))
            .collect();
        builder.edges(
            block,
            &[
                (24, symbols[0]),
                (0, symbols[4]),
                (16, symbols[1]),
                (8, symbols[2]),
            ],
        );
        let graph = &mut builder.graph;
        graph.add_keeps(&[(block, symbols[0])]).unwrap();
        let tail = graph.split_block(block, 16).unwrap();

        assert_eq!(graph.content(block), Some(&BYTES[..16]));
        assert_eq!(graph.content(tail), Some(&BYTES[16..]));
        assert_eq!(
            (offsets(graph, block), offsets(graph, tail)),
            ([0, 8].to_vec(), [0, 8].to_vec())
        );
        assert_eq!(graph.edges(tail)[0].target, symbols[1]);
        let places = [(block, 0), (block, 15), (tail, 0), (tail, 4), (tail, 16)];
        for (symbol, expected) in symbols.into_iter().zip(places) {
            assert_eq!(place(graph, symbol), expected);
        }
        assert_eq!((graph.keeps(block).len(), graph.keeps(tail).len()), (1, 0));
    }

    #[test]
    fn many_blocks_are_split_at_many_offsets_at_once() {
        let mut builder = Builder::new();
        let blocks = [(); 3].map(|()| builder.block(Content::Bytes(&BYTES)));
        let [first, middle, last] = blocks.map(|block| builder.symbol("", block, 18));
        builder.edges(blocks[0], &[(4, first), (12, first), (20, first)]);
        let graph = &mut builder.graph;
        let (a, c) = (blocks[0], blocks[2]);
        let new: Vec<_> = graph
            .split_blocks(&[(a, 12), (a, 20), (a, 28), (c, 1)])
            .unwrap()
            .collect();

        assert_eq!(graph.content(new[0]), Some(&BYTES[12..20]));
        assert_eq!(graph.content(new[1]), Some(&BYTES[20..28]));
        assert_eq!(graph.content(new[2]), Some(&BYTES[28..]));
        assert_eq!(graph.content(new[3]), Some(&BYTES[1..]));
        let of = |block| offsets(graph, block);
        assert_eq!(
            [of(a), of(new[0]), of(new[1]), of(new[2])],
            [&[4][..], &[0], &[0], &[]]
        );
        assert_eq!(place(graph, first), (new[0], 6));
        assert_eq!(place(graph, middle), (blocks[1], 18));
        assert_eq!(place(graph, last), (new[3], 17));
    }

    #[test]
    fn parts_are_laid_out_where_the_block_was() {
        let mut builder = Builder::new();
        let [a, b] = [(); 2].map(|()| builder.block(Content::Bytes(&BYTES)));
        let graph = &mut builder.graph;
        let order = |graph: &LinkGraph<'_>| -> Vec<_> {
            (0..graph.blocks.len())
                .map(|place| graph.block_in_order(place))
                .collect()
        };
        assert_eq!(order(graph), [a, b]);
        let last = graph.split_block(a, 24).unwrap();
        let middle = graph.split_block(a, 8).unwrap();
        let late = builder.block(Content::ZeroFill(1));
        assert_eq!(order(&builder.graph), [a, middle, last, b, late]);
    }

    #[test]
    fn a_part_stands_as_far_from_an_aligned_place_as_before() {
        let mut builder = Builder::new();
        let block = builder.block(Content::ZeroFill(100));
        let graph = &mut builder.graph;
        graph.blocks.at_mut(block).alignment = Alignment::SIXTEEN;
        let block = graph.split_block(block, 4).unwrap();
        let new: Vec<_> = graph.split_block_at(block, &[6, 44, 48]).unwrap().collect();
        let offset = |block| graph.blocks.at(block).alignment_offset();
        assert_eq!(
            (
                offset(block),
                offset(new[0]),
                offset(new[1]),
                offset(new[2])
            ),
            (4, 10, 0, 4)
        );
        let sizes = new
            .iter()
            .map(|&part| graph.blocks.at(part).content.size_bytes());
        assert_eq!(sizes.collect::<Vec<_>>(), [38, 4, 48]);
    }

    #[test]
    fn bytes_that_were_changed_and_tables_are_split_too() {
        let mut builder = Builder::new();
        let changed = builder.block(Content::Bytes(&BYTES));
        let (entry, count) = (&[1, 2], 2);
        let table = builder.block(Content::Repeated { entry, count });
        let graph = &mut builder.graph;
        graph.content_mut(changed).unwrap()[20] = 99;
        let tail = graph.split_block(changed, 20).unwrap();
        assert_eq!(graph.content(changed), Some(&BYTES[..20]));
        graph.content_mut(tail).unwrap()[1] = 98;
        assert_eq!(&graph.content(tail).unwrap()[..3], [99, 98, 22]);
        let tail = graph.split_block(table, 1).unwrap();
        assert_eq!(graph.content(tail), Some(&[2, 1, 2][..]));
    }

    #[test]
    fn splits_outside_of_blocks_or_out_of_order_change_nothing() {
        let mut builder = Builder::new();
        let [a, b] = [(); 2].map(|()| builder.block(Content::Bytes(&BYTES)));
        let graph = &mut builder.graph;
        let mut refused =
            |splits: &[(BlockId, u64)]| fault(graph.split_blocks(splits).map(drop).unwrap_err());
        assert_eq!(refused(&[(a, 0)]), SplitFault::Outside);
        assert_eq!(refused(&[(a, 32)]), SplitFault::Outside);
        assert_eq!(refused(&[(a, 8), (a, 8)]), SplitFault::OutOfOrder);
        assert_eq!(refused(&[(b, 8), (a, 8)]), SplitFault::OutOfOrder);
        assert_eq!(graph.blocks.len(), 2);
        assert_eq!(graph.content(a), Some(&BYTES[..]));
        let large = builder.block(Content::ZeroFill(1 << 33));
        let graph = &mut builder.graph;
        let error = graph.split_block(large, 1 << 32).unwrap_err();
        assert_eq!(fault(error), SplitFault::TooFar);
        let tail = graph.split_block(large, (1 << 32) - 1).unwrap();
        let error = graph.split_block(tail, 1).unwrap_err();
        assert_eq!(fault(error), SplitFault::TooFar);
    }

    #[test]
    fn a_fixup_is_never_split_even_if_another_one_lies_within_it() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&BYTES));
        let target = builder.symbol("target", block, 0);
        builder.edges(block, &[(8, target)]);
        let graph = &mut builder.graph;
        graph
            .insert_edge(block, 10, EdgeKind::Data(DataKind::Pointer8), target, 0)
            .unwrap();
        for offset in 9..16 {
            let error = graph.split_block(block, offset).unwrap_err();
            assert_eq!(fault(error), SplitFault::WithinFixup, "{offset}");
        }
        assert_eq!(offsets(graph, block), [8, 10]);
        graph.split_block(block, 16).unwrap();
        graph.split_block(block, 8).unwrap();
    }

    #[test]
    fn nothing_to_split_takes_no_heap() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&BYTES));
        let graph = &mut builder.graph;
        let parts = crate::base::failing_heap::fail_after(0, || {
            graph.split_blocks(&[]).map(Iterator::count)
        });
        assert_eq!(parts, Ok(0));
        assert_eq!(graph.content(block), Some(&BYTES[..]));
    }

    #[test]
    fn a_split_that_the_heap_has_no_room_for_changes_nothing() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&BYTES));
        let symbol = builder.symbol("symbol", block, 20);
        builder.edges(block, &[(24, symbol), (0, symbol)]);
        let graph = &mut builder.graph;
        let mut failures = 0;
        while crate::base::failing_heap::fail_after(failures, || graph.split_block(block, 16))
            .is_err()
        {
            assert_eq!(graph.content(block), Some(&BYTES[..]));
            assert_eq!(place(graph, symbol), (block, 20));
            failures += 1;
        }
        assert!(failures > 2);
        assert_eq!(graph.blocks.len(), 2);
    }
}
