//! Blocks: pieces of content that stay in one piece.

use crate::base::{Alignment, Id, TargetAddr, int};

use super::{EdgeRange, SectionId};

/// The kind of id that names a block of a graph.
#[derive(Debug)]
pub enum BlockKey {}

/// Names a block of a graph.
pub type BlockId = Id<BlockKey>;

/// What a block holds before fixups.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// The same bytes, so many times over: a table that the linker makes.
    Repeated {
        /// One entry.
        entry: &'static [u8],
        /// How many there are.
        count: u32,
    },
    /// So many bytes of zero, which no file holds.
    ZeroFill(u64),
}

impl Content<'_> {
    /// The size in bytes.
    pub const fn size_bytes(&self) -> u64 {
        match *self {
            Self::Bytes(bytes) => int::from_usize(bytes.len()),
            // An entry is a few bytes, a count below 2^32.
            Self::Repeated { entry, count } => {
                int::from_usize(entry.len()).saturating_mul(int::widen_u32(count))
            }
            Self::ZeroFill(size_bytes) => size_bytes,
        }
    }

    /// Whether no file holds the bytes.
    pub const fn is_zero_fill(&self) -> bool {
        matches!(self, Self::ZeroFill(_))
    }
}

/// A piece of content with the edges that leave it.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The section that it belongs to.
    pub section: SectionId,
    /// What it holds.
    pub content: Content<'a>,
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
    /// Whether it was taken out of the graph; its id names nothing any more.
    pub is_removed: bool,
    /// Its address, once the link has chosen one; before, its offset in its segment.
    pub address: TargetAddr,
}
