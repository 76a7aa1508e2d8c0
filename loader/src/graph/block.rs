//! Blocks: pieces of content that stay in one piece.

use crate::base::{Alignment, Id, TargetAddr, int};

use super::{EdgeRange, SectionId, StoredContent};

/// The kind of id that names a block of a graph.
#[derive(Debug)]
pub enum BlockKey {}

/// Names a block of a graph.
pub type BlockId = Id<BlockKey>;

/// A piece of content with the edges that leave it. There is one for every section that is loaded, at least.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The section that it belongs to.
    pub section: SectionId,
    /// What it holds, to be set by [`LinkGraph::set_content`](super::LinkGraph::set_content): what the graph lists for one block
    /// is no other's.
    pub content: StoredContent<'a>,
    /// Where it starts in what its section is in its file, in bytes: 0 unless it was split off.
    pub section_offset: u32,
    /// What its address, less the [alignment offset](Self::alignment_offset), is a multiple of. Of a block that was split off, the
    /// offset changes with it.
    pub alignment: Alignment,
    /// The fixups that leave it.
    pub edges: EdgeRange,
    /// Whether edges of kind `KeepAlive` leave it, too: of few blocks they do, and the graph lists which.
    pub(super) has_keeps: bool,
    /// Whether it is linked; what is not live is left out.
    pub is_live: bool,
    /// Its address, once the link has chosen one; before, its offset in its segment.
    pub address: TargetAddr,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Block<'_>>() == 40);

impl Block<'_> {
    /// Where it starts within a stretch that is aligned as it is: 0 unless it was split off. It stands as far from an aligned
    /// place as it does in its section.
    #[inline]
    pub const fn alignment_offset(&self) -> u64 {
        self.alignment.offset(int::widen_u32(self.section_offset))
    }

    /// Whether it was taken out of the graph; its id names nothing any more.
    pub const fn is_removed(&self) -> bool {
        self.content.is_removed()
    }

    /// Whether it was split off the block before it in the order of layout: nothing may come between them.
    pub const fn is_split_off(&self) -> bool {
        self.section_offset != 0
    }

    /// The address of the place so many bytes behind its start, once the link has chosen addresses. Modulo 2^64: a symbol may lie
    /// outside of its block, and an ABI address wraps.
    #[inline]
    pub const fn address_of(&self, offset: u64) -> TargetAddr {
        self.address.wrapping_offset(offset.cast_signed())
    }
}
