//! What blocks keep alive without a fixup that needs it: edges that stand nowhere in them and write nothing. Few blocks have
//! any, and so a list names those that do.

use crate::base::{OutOfMemory, fallible, sort};

use super::{BlockId, Edge, EdgeRange, LinkGraph, SymbolId};

impl LinkGraph<'_> {
    /// The symbols that a block keeps alive, without a fixup that needs them.
    pub fn keeps(&self, block: BlockId) -> &[Edge] {
        self.edges_in(self.keep_range(block))
    }

    /// The edges of kind `KeepAlive` that leave a block.
    #[inline]
    pub fn keep_range(&self, block: BlockId) -> EdgeRange {
        if !self.blocks.at(block).has_keeps {
            return EdgeRange::EMPTY;
        }
        self.listed_keeps(block)
    }

    fn listed_keeps(&self, block: BlockId) -> EdgeRange {
        let place = place_of(block, &self.keeps);
        let listed = place.and_then(|place| self.keeps.get(place));
        listed.map_or(EdgeRange::EMPTY, |&(_, range)| range)
    }

    /// Lets blocks keep symbols alive, beside those that they keep already. The pairs are sorted by their blocks, so that
    /// each block's stand together.
    ///
    /// # Errors
    /// The heap has no room; some of the blocks may have got theirs.
    pub fn add_keeps(&mut self, keeps: &[(BlockId, SymbolId)]) -> Result<(), OutOfMemory> {
        let mut of_blocks = keeps.chunk_by(|(block, _), (next, _)| block == next);
        fallible::reserve(&mut self.edges, keeps.len())?;
        fallible::reserve(&mut self.keeps, of_blocks.clone().count())?;
        let known = self.keeps.len();
        let added = of_blocks.try_for_each(|of_block| self.add_keeps_of(of_block, known));
        // The others are in order, and most blocks are newer than all of them.
        let new = self.keeps.get(known.saturating_sub(1)..).unwrap_or(&[]);
        if !new.is_sorted_by_key(|&(block, _)| block) {
            sort::sort_by_key(&mut self.keeps, |&(block, _)| block);
        }
        added
    }

    /// Lets one block keep symbols alive. If it isn't among the first so many blocks of the list, it is appended.
    fn add_keeps_of(
        &mut self,
        keeps: &[(BlockId, SymbolId)],
        known: usize,
    ) -> Result<(), OutOfMemory> {
        let Some(&(block, _)) = keeps.first() else {
            return Ok(());
        };
        let place = place_of(block, self.keeps.get(..known).unwrap_or(&[]));
        let before = place.and_then(|place| self.keeps.get(place));
        let before = before.filter(|_| self.blocks.at(block).has_keeps);
        let before = before.map_or(EdgeRange::EMPTY, |&(_, range)| range);
        let first = self.edges.len();
        for index in before.indices() {
            if let Some(&kept) = self.edges.get(index) {
                fallible::push_beyond(&mut self.edges, kept)?;
            }
        }
        for &(_, target) in keeps {
            fallible::push_beyond(&mut self.edges, Edge::keep(target))?;
        }
        let range = self.range_since(first)?;
        match place.and_then(|place| self.keeps.get_mut(place)) {
            Some((_, listed)) => *listed = range,
            None => fallible::push(&mut self.keeps, (block, range))?,
        }
        self.blocks.at_mut(block).has_keeps = true;
        Ok(())
    }
}

/// The place of a block in a list that is sorted by blocks.
fn place_of(block: BlockId, listed: &[(BlockId, EdgeRange)]) -> Option<usize> {
    listed.binary_search_by_key(&block, |&(id, _)| id).ok()
}
