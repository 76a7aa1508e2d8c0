//! One size class: equal blocks in one stretch of memory, a free list through them, and a bit for each that is out.
#![expect(unsafe_code, reason = "free blocks hold the free list")]

use core::ptr::NonNull;

use crate::base::int;

use super::NotAllocated;
use super::statistics::ClassStatistics;

/// Bits in a word of the map.
const WORD_BITS: usize = 64;

/// A stretch of memory cut into blocks. Its first blocks hold the map of those that are out.
pub(super) struct Class {
    start: NonNull<u8>,
    block_bytes: usize,
    /// Blocks in the stretch, those of the map included.
    blocks: usize,
    map_blocks: usize,
    /// Blocks from this one on were never out.
    untouched: usize,
    /// The first block of the free list; 0 ends it, since block 0 belongs to the map.
    free: usize,
    live: usize,
    peak: usize,
}

impl Class {
    /// A class without blocks.
    pub(super) const EMPTY: Self = Self {
        start: NonNull::dangling(),
        block_bytes: 1,
        blocks: 0,
        map_blocks: 0,
        untouched: 0,
        free: 0,
        live: 0,
        peak: 0,
    };

    /// A class of blocks of this size in the stretch.
    ///
    /// # Safety
    /// The stretch is this class's alone, for as long as it is used, and aligned to the block size, at least 16, a
    /// power of two.
    pub(super) unsafe fn new(start: NonNull<u8>, stretch_bytes: usize, block_bytes: usize) -> Self {
        let blocks = stretch_bytes.checked_div(block_bytes).unwrap_or(0);
        let map_bytes = blocks.div_ceil(WORD_BITS).wrapping_mul(size_of::<u64>());
        let map_blocks = map_bytes.div_ceil(block_bytes);
        if map_blocks >= blocks {
            return Self::EMPTY;
        }
        // SAFETY: the map's blocks are the first of the stretch.
        unsafe { start.write_bytes(0, map_bytes) };
        Self {
            start,
            block_bytes,
            blocks,
            map_blocks,
            untouched: map_blocks,
            ..Self::EMPTY
        }
    }

    pub(super) const fn block_bytes(&self) -> usize {
        self.block_bytes
    }

    pub(super) const fn statistics(&self) -> ClassStatistics {
        ClassStatistics {
            block_bytes: self.block_bytes,
            capacity: self.blocks.wrapping_sub(self.map_blocks),
            live: self.live,
            peak: self.peak,
        }
    }

    /// A block; `None` if all are out.
    pub(super) fn allocate(&mut self) -> Option<NonNull<u8>> {
        let index = if self.free != 0 {
            let index = self.free;
            // SAFETY: a block in the free list is nobody else's, and holds the index of the next.
            self.free = unsafe { self.block(index).cast::<usize>().read() };
            index
        } else if self.untouched < self.blocks {
            let index = self.untouched;
            self.untouched = index.wrapping_add(1);
            index
        } else {
            return None;
        };
        self.flip(index);
        self.live = self.live.wrapping_add(1);
        self.peak = self.peak.max(self.live);
        Some(self.block(index))
    }

    /// Takes back the block that starts at `pointer`, which lies in the stretch.
    pub(super) fn free(&mut self, pointer: NonNull<u8>) -> Result<(), NotAllocated> {
        let index = self.index_of(pointer).ok_or(NotAllocated)?;
        self.flip(index);
        // SAFETY: the block was out and has come back, so that it is nobody else's.
        unsafe { self.block(index).cast::<usize>().write(self.free) };
        self.free = index;
        self.live = self.live.wrapping_sub(1);
        Ok(())
    }

    /// The block that starts at `pointer`, if it is out.
    fn index_of(&self, pointer: NonNull<u8>) -> Option<usize> {
        let offset = pointer.addr().get().checked_sub(self.start.addr().get())?;
        let index = offset.checked_div(self.block_bytes)?;
        let is_first_byte = index.wrapping_mul(self.block_bytes) == offset;
        let is_block = (self.map_blocks..self.untouched).contains(&index);
        (is_first_byte && is_block && self.is_out(index)).then_some(index)
    }

    fn block(&self, index: usize) -> NonNull<u8> {
        // SAFETY: indices are below the number of blocks of the stretch.
        unsafe { self.start.add(index.wrapping_mul(self.block_bytes)) }
    }

    fn is_out(&self, index: usize) -> bool {
        let (word, bit) = self.map_bit(index);
        // SAFETY: the word lies in the map, which `new` has zeroed.
        unsafe { word.read() & bit != 0 }
    }

    fn flip(&mut self, index: usize) {
        let (word, bit) = self.map_bit(index);
        // SAFETY: the word lies in the map, which `new` has zeroed.
        let value = unsafe { word.read() };
        // SAFETY: as above.
        unsafe { word.write(value ^ bit) };
    }

    fn map_bit(&self, index: usize) -> (NonNull<u64>, u64) {
        let word = index.wrapping_div(WORD_BITS);
        let bit = 1_u64.wrapping_shl(int::low_u32(int::from_usize(index)));
        // SAFETY: the map has a bit for each block.
        (unsafe { self.start.cast::<u64>().add(word) }, bit)
    }
}
