//! Content: what blocks hold before fixups, and how it becomes bytes that may be changed.

use crate::base::{OutOfMemory, ShortBytes, fallible, int};

use super::{Block, BlockId, LinkGraph};

/// What a block holds before fixups.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// Bytes that the graph owns, since they were changed.
    Owned(OwnedBytes),
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

/// What a block holds before fixups as it is stored, in thirteen bytes: see [`LinkGraph::content_of`].
#[derive(Clone, Copy, Debug)]
pub struct StoredContent<'a>(Stored<'a>);

#[derive(Clone, Copy, Debug)]
enum Stored<'a> {
    Bytes(ShortBytes<'a>),
    Other(Other),
}

/// What isn't borrowed. Numbers are arrays of bytes, which may stand at any address.
#[derive(Clone, Copy, Debug)]
struct Other {
    /// The low 32 bits of the size.
    size_bytes: [u8; 4],
    kind: OtherKind,
}

#[derive(Clone, Copy, Debug)]
enum OtherKind {
    /// Zeros, as many as an address space may hold: the number's upper 16 bits.
    ZeroFill { upper: [u8; 2] },
    /// What stands at a place of the graph's list.
    Listed { place: [u8; 4] },
    /// Nothing: the block was taken out of the graph.
    Removed,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<StoredContent<'_>>() == 13);

impl<'a> StoredContent<'a> {
    /// Bytes that are borrowed.
    #[inline]
    pub(super) fn bytes(bytes: &'a [u8]) -> Result<Self, OutOfMemory> {
        let bytes = ShortBytes::new(bytes).ok_or(OutOfMemory)?;
        Ok(Self(Stored::Bytes(bytes)))
    }

    /// No bytes, in no file.
    pub(crate) const EMPTY: Self = Self::other(0, OtherKind::ZeroFill { upper: [0; 2] });

    /// What a block holds that was taken out of the graph.
    pub(super) const REMOVED: Self = Self::other(0, OtherKind::Removed);

    const fn other(size_bytes: u32, kind: OtherKind) -> Self {
        let size_bytes = size_bytes.to_le_bytes();
        Self(Stored::Other(Other { size_bytes, kind }))
    }

    /// The size in bytes.
    #[inline]
    pub fn size_bytes(&self) -> u64 {
        match self.0 {
            Stored::Bytes(bytes) => bytes.len().into(),
            Stored::Other(Other { size_bytes, kind }) => {
                let upper = match kind {
                    OtherKind::ZeroFill { upper } => u16::from_le_bytes(upper),
                    OtherKind::Listed { .. } | OtherKind::Removed => 0,
                };
                let lower = u32::from_le_bytes(size_bytes);
                u64::from(upper).wrapping_shl(u32::BITS) | u64::from(lower)
            }
        }
    }

    /// What it is, if it is not borrowed.
    #[inline]
    const fn other_kind(&self) -> Option<OtherKind> {
        match self.0 {
            Stored::Bytes(_) => None,
            Stored::Other(Other { kind, .. }) => Some(kind),
        }
    }

    /// Whether no file holds the bytes.
    #[inline]
    pub const fn is_zero_fill(&self) -> bool {
        let kind = self.other_kind();
        matches!(kind, Some(OtherKind::ZeroFill { .. } | OtherKind::Removed))
    }

    /// Whether the block was taken out of the graph.
    #[inline]
    pub(super) const fn is_removed(&self) -> bool {
        matches!(self.other_kind(), Some(OtherKind::Removed))
    }

    /// Whether the graph lists it.
    pub(super) fn is_listed(&self) -> bool {
        self.listed_place().is_some()
    }

    /// Its place in the graph's list.
    fn listed_place(&self) -> Option<usize> {
        match self.other_kind() {
            Some(OtherKind::Listed { place }) => {
                Some(int::usize_from_u32(u32::from_le_bytes(place)))
            }
            _ => None,
        }
    }

    /// What is listed at a place.
    fn listed(place: usize, size_bytes: u64) -> Result<Self, OutOfMemory> {
        let place = u32::try_from(place).map_err(|_| OutOfMemory)?;
        let size_bytes = u32::try_from(size_bytes).map_err(|_| OutOfMemory)?;
        let place = place.to_le_bytes();
        Ok(Self::other(size_bytes, OtherKind::Listed { place }))
    }

    /// So many bytes of zero.
    fn zero_fill(size_bytes: u64) -> Result<Self, OutOfMemory> {
        let upper = u16::try_from(size_bytes.wrapping_shr(u32::BITS));
        let upper = upper.map_err(|_| OutOfMemory)?.to_le_bytes();
        Ok(Self::other(
            int::low_u32(size_bytes),
            OtherKind::ZeroFill { upper },
        ))
    }
}

/// A range of the bytes that a graph owns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OwnedBytes {
    start: usize,
    len: usize,
}

impl OwnedBytes {
    const fn range(self) -> core::ops::Range<usize> {
        // The range lies within one vector.
        self.start..self.start.saturating_add(self.len)
    }
}

impl<'a> Content<'a> {
    /// The most bytes that a block may hold, zeros apart that no file holds.
    pub const LARGEST_BYTES: u64 = (1 << 32) - 1;

    /// The size in bytes.
    pub const fn size_bytes(&self) -> u64 {
        match *self {
            Self::Bytes(bytes) => int::from_usize(bytes.len()),
            Self::Owned(owned) => int::from_usize(owned.len),
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

    /// Whether a block has no room for it.
    const fn is_listed(&self) -> bool {
        matches!(self, Self::Owned(_) | Self::Repeated { .. })
    }

    /// The content in two parts; `None` if it is shorter than `offset`, or a table, which has no parts.
    pub(super) fn split_at(self, offset: u64) -> Option<(Self, Self)> {
        match self {
            Self::Bytes(bytes) => {
                let (head, tail) = bytes.split_at_checked(int::to_usize(offset))?;
                Some((Self::Bytes(head), Self::Bytes(tail)))
            }
            Self::Owned(OwnedBytes { start, len }) => {
                let offset = int::to_usize(offset);
                let tail = OwnedBytes {
                    start: start.checked_add(offset)?,
                    len: len.checked_sub(offset)?,
                };
                let head = OwnedBytes { start, len: offset };
                Some((Self::Owned(head), Self::Owned(tail)))
            }
            Self::Repeated { .. } => None,
            Self::ZeroFill(size_bytes) => {
                let tail = size_bytes.checked_sub(offset)?;
                Some((Self::ZeroFill(offset), Self::ZeroFill(tail)))
            }
        }
    }
}

impl<'a> LinkGraph<'a> {
    /// What a block holds before fixups.
    #[inline]
    pub fn content_of(&self, block: &Block<'a>) -> Content<'a> {
        match block.content.0 {
            Stored::Bytes(bytes) => Content::Bytes(bytes.get()),
            Stored::Other(_) => self.other_content_of(block),
        }
    }

    #[inline(never)]
    fn other_content_of(&self, block: &Block<'a>) -> Content<'a> {
        let place = block.content.listed_place();
        let listed = place.and_then(|place| self.contents.get(place)).copied();
        listed.unwrap_or_else(|| Content::ZeroFill(block.content.size_bytes()))
    }

    /// Lets a block hold something else; one that was removed goes on to hold nothing.
    ///
    /// # Errors
    /// The heap has no room, or it is too large: 2^48 zeros or more, or more bytes than [a block may
    /// hold](Content::LARGEST_BYTES).
    pub fn set_content(&mut self, block: BlockId, content: Content<'a>) -> Result<(), OutOfMemory> {
        let before = self.blocks.at(block).content;
        if before.is_removed() {
            return Ok(());
        }
        let place = before.listed_place();
        let stored = match place.and_then(|place| Some((place, self.contents.get_mut(place)?))) {
            Some((place, listed)) if content.is_listed() => {
                let stored = StoredContent::listed(place, content.size_bytes())?;
                *listed = content;
                stored
            }
            _ => self.store(content)?,
        };
        self.blocks.at_mut(block).content = stored;
        Ok(())
    }

    /// Stores what a block is to hold.
    #[inline]
    pub(super) fn store(&mut self, content: Content<'a>) -> Result<StoredContent<'a>, OutOfMemory> {
        match content {
            Content::Bytes(bytes) => StoredContent::bytes(bytes),
            other => self.store_other(other),
        }
    }

    #[inline(never)]
    fn store_other(&mut self, content: Content<'a>) -> Result<StoredContent<'a>, OutOfMemory> {
        if let Content::ZeroFill(size_bytes) = content {
            return StoredContent::zero_fill(size_bytes);
        }
        let stored = StoredContent::listed(self.contents.len(), content.size_bytes())?;
        fallible::push(&mut self.contents, content)?;
        Ok(stored)
    }

    /// Makes sure that so many contents more can be listed.
    pub(super) fn reserve_contents(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        // The last of them has a place.
        StoredContent::listed(self.contents.len().saturating_add(additional), 0)?;
        fallible::reserve(&mut self.contents, additional)
    }

    /// The bytes that a block holds before fixups; `None` of zero-fill, and of tables that the linker made.
    #[inline]
    pub fn content(&self, block: BlockId) -> Option<&[u8]> {
        match self.content_of(self.blocks.at(block)) {
            Content::Bytes(bytes) => Some(bytes),
            Content::Owned(owned) => self.owned_bytes.get(owned.range()),
            Content::Repeated { .. } | Content::ZeroFill(_) => None,
        }
    }

    /// A block's bytes, to be changed. The graph copies what it borrowed when it is first asked for them; zero-fill and
    /// tables become bytes, too.
    ///
    /// # Errors
    /// The heap has no room for the copy.
    pub fn content_mut(&mut self, block: BlockId) -> Result<&mut [u8], OutOfMemory> {
        let content = self.content_of(self.blocks.at(block));
        let owned = match content {
            Content::Owned(owned) => owned,
            _ => {
                // Whether there is room for what is told of it, before it is copied.
                StoredContent::listed(self.contents.len(), content.size_bytes())?;
                let owned = self.own(&content)?;
                self.set_content(block, Content::Owned(owned))?;
                owned
            }
        };
        self.owned_bytes.get_mut(owned.range()).ok_or(OutOfMemory)
    }

    /// Whether a block's content is there: what the graph lists for it is of its size, and among the bytes that the graph owns.
    pub(super) fn holds_content_of(&self, block: &Block<'_>) -> bool {
        let Some(place) = block.content.listed_place() else {
            return true;
        };
        let Some(listed) = self.contents.get(place) else {
            return false;
        };
        let is_there = match listed {
            Content::Owned(owned) => self.owned_bytes.get(owned.range()).is_some(),
            _ => true,
        };
        is_there && listed.size_bytes() == block.content.size_bytes()
    }

    /// Content for a block, with bytes that needn't outlive the call: the graph copies them.
    ///
    /// # Errors
    /// The heap has no room for the copy.
    pub fn own_bytes(&mut self, bytes: &[u8]) -> Result<Content<'a>, OutOfMemory> {
        Ok(Content::Owned(self.own(&Content::Bytes(bytes))?))
    }

    /// Appends content to the bytes that the graph owns.
    fn own(&mut self, content: &Content<'_>) -> Result<OwnedBytes, OutOfMemory> {
        let len = usize::try_from(content.size_bytes()).map_err(|_| OutOfMemory)?;
        let start = self.owned_bytes.len();
        fallible::extend_with(&mut self.owned_bytes, 0, len)?;
        let owned = OwnedBytes { start, len };
        if let Some(place) = self.owned_bytes.get_mut(owned.range()) {
            copy(content, place);
        }
        Ok(owned)
    }

    /// Copies content to a place of its size that holds zeros.
    #[inline]
    pub fn copy_content(&self, content: &Content<'_>, place: &mut [u8]) {
        match *content {
            Content::Owned(owned) => {
                let bytes = self.owned_bytes.get(owned.range()).unwrap_or(&[]);
                copy(&Content::Bytes(bytes), place);
            }
            _ => copy(content, place),
        }
    }
}

/// Copies content that the graph doesn't own to a place of its size that holds zeros.
fn copy(content: &Content<'_>, place: &mut [u8]) {
    match *content {
        Content::Bytes(bytes) if bytes.len() == place.len() => place.copy_from_slice(bytes),
        Content::Repeated { entry, .. } if !entry.is_empty() => {
            for place in place.chunks_exact_mut(entry.len()) {
                place.copy_from_slice(entry);
            }
        }
        // Zeros are there already.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::base::failing_heap;
    use crate::graph::Content;
    use crate::graph::testing::Builder;

    #[test]
    fn bytes_are_copied_when_they_are_first_changed() {
        static BYTES: [u8; 4] = [1, 2, 3, 4];
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&BYTES));
        let other = builder.block(Content::Bytes(&BYTES));
        let graph = &mut builder.graph;
        graph.content_mut(block).unwrap()[1] = 9;
        graph.content_mut(other).unwrap()[0] = 7;
        graph.content_mut(block).unwrap()[2] = 8;
        assert_eq!(graph.content(block), Some(&[1, 9, 8, 4][..]));
        assert_eq!(graph.content(other), Some(&[7, 2, 3, 4][..]));
        assert_eq!(BYTES, [1, 2, 3, 4]);
    }

    #[test]
    fn bytes_that_are_gone_are_still_content() {
        let mut builder = Builder::new();
        let content = builder.graph.own_bytes(&std::vec![1, 2]).unwrap();
        let block = builder.block(content);
        assert_eq!(builder.graph.content(block), Some(&[1, 2][..]));
    }

    #[test]
    fn a_removed_block_goes_on_to_hold_nothing() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[1, 2]));
        let graph = &mut builder.graph;
        graph.remove_block(block);
        graph.set_content(block, Content::Bytes(&[3])).unwrap();
        let removed = graph.blocks.at(block);
        assert!(removed.is_removed() && removed.content.is_zero_fill());
        assert_eq!(removed.content.size_bytes(), 0);
        graph.verify().unwrap();
    }

    #[test]
    fn what_has_more_bytes_than_a_block_holds_is_refused_before_it_is_copied() {
        // Zeros that nobody reads take no memory.
        let zeros: &'static [u8] = std::vec![0; 1 << 32].leak();
        let (largest, _) = zeros.split_at((1 << 32) - 1);
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(largest));
        let table = Content::Repeated {
            entry: &[0; 4],
            count: 1 << 30,
        };
        for large in [Content::Bytes(zeros), table] {
            assert!(builder.graph.set_content(block, large).is_err());
        }
        let content = builder.graph.blocks.at(block).content;
        assert_eq!(content.size_bytes(), Content::LARGEST_BYTES);
        let large = builder.block(Content::ZeroFill(1 << 32));
        let changed = failing_heap::fail_after(0, || builder.graph.content_mut(large).is_err());
        assert!(changed);
    }

    #[test]
    fn zeros_and_tables_become_bytes_when_they_are_changed() {
        let mut builder = Builder::new();
        let zeros = builder.block(Content::ZeroFill(3));
        let (entry, count) = (&[1, 2], 2);
        let table = builder.block(Content::Repeated { entry, count });
        let graph = &mut builder.graph;
        assert_eq!((graph.content(zeros), graph.content(table)), (None, None));
        graph.content_mut(zeros).unwrap()[1] = 5;
        graph.content_mut(table).unwrap()[3] = 9;
        assert_eq!(graph.content(zeros), Some(&[0, 5, 0][..]));
        assert_eq!(graph.content(table), Some(&[1, 2, 1, 9][..]));
        assert!(!graph.blocks.at(zeros).content.is_zero_fill());
    }

    #[test]
    fn zeros_that_no_heap_can_hold_are_an_error() {
        let mut builder = Builder::new();
        let zeros = builder.block(Content::ZeroFill((1 << 48) - 1));
        assert!(builder.graph.content_mut(zeros).is_err());
        let more = builder.graph.set_content(zeros, Content::ZeroFill(1 << 48));
        assert!(more.is_err());
        assert_eq!(
            builder.graph.blocks.at(zeros).content.size_bytes(),
            (1 << 48) - 1
        );
        assert!(builder.graph.blocks.at(zeros).content.is_zero_fill());
    }

    #[test]
    fn what_was_changed_is_what_is_copied() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[1, 2]));
        builder.graph.content_mut(block).unwrap()[0] = 3;
        let mut place = [0; 2];
        let content = builder.graph.content_of(builder.graph.blocks.at(block));
        builder.graph.copy_content(&content, &mut place);
        assert_eq!(place, [3, 2]);
    }
}
