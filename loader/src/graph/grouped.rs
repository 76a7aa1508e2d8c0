//! Things put together by what they belong to: the blocks of each section, the symbols of each block.

use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::base::{Id, OutOfMemory, fallible, int, sort};

use super::{BlockId, BlockKey, Definition, LinkGraph, SectionKey, SymbolId};

/// The members of each group, in one vector. It is made in one pass over the members, and is right until the graph
/// changes.
#[derive(Debug)]
pub struct Grouped<K, V> {
    members: Vec<V>,
    /// Where the group of each id ends; it starts where the one before ends.
    ends: Vec<u32>,
    key: PhantomData<fn() -> K>,
}

impl<K, V: Copy> Grouped<K, V> {
    /// The members that belong to an id, in their order.
    pub fn of(&self, id: Id<K>) -> &[V] {
        let end = |index: Option<usize>| index.and_then(|index| self.ends.get(index)).copied();
        let last = end(Some(id.index())).unwrap_or(0);
        let first = end(id.index().checked_sub(1)).unwrap_or(0);
        let range = int::usize_from_u32(first)..int::usize_from_u32(last);
        self.members.get(range).unwrap_or(&[])
    }

    /// Groups members, which are told in the same order each time that they are asked for.
    fn of_members<I: Iterator<Item = (Id<K>, V)>>(
        groups: usize,
        members: impl Fn() -> I,
    ) -> Result<Self, OutOfMemory> {
        let mut ends = fallible::vec_of(0_u32, groups)?;
        let mut count = 0_usize;
        let mut any = None;
        for (id, member) in members() {
            if let Some(size) = ends.get_mut(id.index()) {
                *size = size.checked_add(1).ok_or(OutOfMemory)?;
                count = count.saturating_add(1);
                any = Some(member);
            }
        }
        let mut start = 0_u32;
        for end in &mut ends {
            // The start of each group, for now.
            start = start
                .checked_add(core::mem::replace(end, start))
                .ok_or(OutOfMemory)?;
        }
        let mut grouped = Vec::new();
        if let Some(any) = any {
            grouped = fallible::vec_of(any, count)?;
        }
        for (id, member) in members() {
            let Some(next) = ends.get_mut(id.index()) else {
                continue;
            };
            if let Some(place) = grouped.get_mut(int::usize_from_u32(*next)) {
                *place = member;
            }
            *next = next.saturating_add(1);
        }
        Ok(Self {
            members: grouped,
            ends,
            key: PhantomData,
        })
    }
}

impl LinkGraph<'_> {
    /// The blocks of each section that are there, in the order in which they are laid out.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn collect_blocks_by_section(&self) -> Result<Grouped<SectionKey, BlockId>, OutOfMemory> {
        Grouped::of_members(self.sections.len(), || {
            self.blocks().map(|(id, block)| (block.section, id))
        })
    }

    /// The symbols of each block, by their offsets.
    ///
    /// # Errors
    /// The heap has no room.
    pub fn collect_symbols_by_block(&self) -> Result<Grouped<BlockKey, SymbolId>, OutOfMemory> {
        let offset_of = |id: SymbolId| match self.symbols.at(id).definition {
            Definition::Block { block, offset } => Some((block, offset.cast_signed())),
            _ => None,
        };
        let mut grouped = Grouped::of_members(self.blocks.len(), || {
            let ids = self.symbols.ids();
            ids.filter_map(|id| offset_of(id).map(|(block, _)| (block, id)))
        })?;
        // Blocks stand in the order of their ids: what sorts all symbols sorts those of each block.
        sort::sort_by_key(&mut grouped.members, |&id| (offset_of(id), id));
        Ok(grouped)
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::Content;
    use crate::graph::testing::Builder;

    #[test]
    fn blocks_are_told_by_section_without_removed_ones_and_in_their_order() {
        let mut builder = Builder::new();
        let first = builder.section;
        let [a, b] = [(); 2].map(|()| builder.block(Content::ZeroFill(8)));
        let second = *builder.graph.sections.at(first);
        let second = builder.graph.add_section(second).unwrap();
        let empty = *builder.graph.sections.at(first);
        let empty = builder.graph.add_section(empty).unwrap();
        builder.section = second;
        let [c, removed] = [(); 2].map(|()| builder.block(Content::ZeroFill(8)));
        let graph = &mut builder.graph;
        graph.remove_block(removed);
        let tail = graph.split_block(a, 4).unwrap();
        let grouped = graph.collect_blocks_by_section().unwrap();
        assert_eq!(grouped.of(first), [a, tail, b]);
        assert_eq!((grouped.of(second), grouped.of(empty)), (&[c][..], &[][..]));
    }

    #[test]
    fn symbols_are_told_by_block_and_offset() {
        let mut builder = Builder::new();
        let [a, b] = [(); 2].map(|()| builder.block(Content::ZeroFill(8)));
        let late = builder.symbol("", a, 5);
        let other = builder.symbol("", b, 1);
        let before = builder.symbol("", a, u64::MAX);
        let start = builder.symbol("", a, 0);
        let alias = builder.symbol("", a, 0);
        let grouped = builder.graph.collect_symbols_by_block().unwrap();
        assert_eq!(grouped.of(a), [before, start, alias, late]);
        assert_eq!(grouped.of(b), [other]);
    }
}
