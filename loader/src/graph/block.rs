//! Blocks: pieces of content that stay in one piece.

use crate::base::{Alignment, Id, TargetAddr};

use super::{Content, EdgeRange, SectionId};

/// The kind of id that names a block of a graph.
#[derive(Debug)]
pub enum BlockKey {}

/// Names a block of a graph.
pub type BlockId = Id<BlockKey>;

/// A piece of content with the edges that leave it.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The section that it belongs to.
    pub section: SectionId,
    /// What it holds.
    pub content: Content<'a>,
    /// Where it starts in what its section is in its file, in bytes: 0 unless it was split off.
    pub section_offset: u64,
    /// What its address, less the alignment offset, is a multiple of.
    pub alignment: Alignment,
    /// Where it starts within a stretch that is so aligned: less than the alignment, and 0 unless it was split off.
    pub alignment_offset: u64,
    /// The fixups that leave it.
    pub edges: EdgeRange,
    /// The edges of kind `KeepAlive` that leave it: they stand nowhere in it and write nothing.
    pub keeps: EdgeRange,
    /// Whether it is linked; what is not live is left out.
    pub is_live: bool,
    /// Whether it was split off the block before it in the order of layout: nothing may come between them.
    pub is_split_off: bool,
    /// Whether it was taken out of the graph; its id names nothing any more.
    pub is_removed: bool,
    /// Its address, once the link has chosen one; before, its offset in its segment.
    pub address: TargetAddr,
}

impl Block<'_> {
    /// The address of the place so many bytes behind its start, once the link has chosen addresses. Modulo 2^64: a symbol may lie
    /// outside of its block, and an ABI address wraps.
    #[inline]
    pub const fn address_of(&self, offset: u64) -> TargetAddr {
        self.address.wrapping_offset(offset.cast_signed())
    }
}
