//! Content: what blocks hold before fixups, and how it becomes bytes that may be changed.

use crate::base::{OutOfMemory, fallible, int};

use super::{BlockId, LinkGraph};

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
    /// The bytes that a block holds before fixups; `None` of zero-fill, and of tables that the linker made.
    pub fn content(&self, block: BlockId) -> Option<&[u8]> {
        match self.blocks.at(block).content {
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
        let content = self.blocks.at(block).content;
        let owned = match content {
            Content::Owned(owned) => owned,
            _ => {
                let owned = self.own(&content)?;
                self.blocks.at_mut(block).content = Content::Owned(owned);
                owned
            }
        };
        self.owned_bytes.get_mut(owned.range()).ok_or(OutOfMemory)
    }

    /// Whether content is the graph's own, or not from a graph.
    pub(super) fn holds(&self, content: &Content<'_>) -> bool {
        match content {
            Content::Owned(owned) => self.owned_bytes.get(owned.range()).is_some(),
            _ => true,
        }
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
        let zeros = builder.block(Content::ZeroFill(u64::MAX));
        assert!(builder.graph.content_mut(zeros).is_err());
        assert!(builder.graph.blocks.at(zeros).content.is_zero_fill());
    }

    #[test]
    fn what_was_changed_is_what_is_copied() {
        let mut builder = Builder::new();
        let block = builder.block(Content::Bytes(&[1, 2]));
        builder.graph.content_mut(block).unwrap()[0] = 3;
        let mut place = [0; 2];
        let content = builder.graph.blocks.at(block).content;
        builder.graph.copy_content(&content, &mut place);
        assert_eq!(place, [3, 2]);
    }
}
