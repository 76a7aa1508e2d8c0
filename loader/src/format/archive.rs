//! Static archives: members found by the names that they define.
//!
//! The index that `ar` and rustc write is read once into a hash table, so that each missing name costs one look-up
//! however many members there are.

use hashbrown::HashTable;
use object::read::archive::{ArchiveFile, ArchiveOffset};

use crate::base::{Name, hash_name};

use super::{FormatError, FormatFault};

/// An archive with its index.
#[derive(Debug)]
pub struct Archive<'a> {
    name: Name<'a>,
    bytes: &'a [u8],
    file: ArchiveFile<'a>,
    index: HashTable<Entry<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    symbol: Name<'a>,
    member: u64,
}

/// A member of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Where it stands in the archive: what tells members apart.
    pub offset: u64,
    /// Its file name.
    pub name: Name<'a>,
    /// Its content.
    pub bytes: &'a [u8],
}

impl<'a> Archive<'a> {
    /// Reads the archive's index.
    ///
    /// # Errors
    /// The archive is damaged, thin or without index, or the heap has no room.
    pub fn parse(name: Name<'a>, bytes: &'a [u8]) -> Result<Self, FormatError> {
        Self::read_index(name, bytes).map_err(|fault| FormatError::of_object(name, fault))
    }

    fn read_index(name: Name<'a>, bytes: &'a [u8]) -> Result<Self, FormatFault> {
        let file = ArchiveFile::parse(bytes)?;
        if file.is_thin() {
            return Err(FormatFault::ThinArchive);
        }
        let mut index = HashTable::new();
        let symbols = match file.symbols()? {
            Some(symbols) => symbols,
            // An archive without members needs no index.
            None if file.members().next().is_none() => {
                return Ok(Self {
                    name,
                    bytes,
                    file,
                    index,
                });
            }
            None => return Err(FormatFault::NoArchiveIndex),
        };
        // The size is not known before: each step checks what it reads, so that a large count alone costs nothing.
        let mut name_bytes_left = bytes.len();
        for symbol in symbols {
            let symbol = symbol?;
            // Names may share bytes; what all hold together is bounded, and so is the work that they make.
            let left = name_bytes_left.checked_sub(symbol.name().len());
            name_bytes_left = left
                .ok_or_else(|| FormatFault::damaged("the names of the archive's index overlap"))?;
            let entry = Entry {
                symbol: Name::new(symbol.name()),
                member: symbol.offset().0,
            };
            let hash = hash_name(entry.symbol);
            // The first member that defines a name counts.
            if index
                .find(hash, |known: &Entry<'_>| known.symbol == entry.symbol)
                .is_none()
            {
                index
                    .try_reserve(1, |known: &Entry<'_>| hash_name(known.symbol))
                    .map_err(|_| FormatFault::Heap(crate::base::OutOfMemory))?;
                index.insert_unique(hash, entry, |known| hash_name(known.symbol));
            }
        }
        Ok(Self {
            name,
            bytes,
            file,
            index,
        })
    }

    /// The archive's name.
    pub const fn name(&self) -> Name<'a> {
        self.name
    }

    /// The place of the member that defines `symbol`.
    pub fn find(&self, symbol: Name<'_>) -> Option<u64> {
        let entry = self
            .index
            .find(hash_name(symbol), |entry| entry.symbol == symbol)?;
        Some(entry.member)
    }

    /// The member at the place that [`find`](Self::find) told.
    ///
    /// # Errors
    /// The archive is damaged there.
    pub fn member(&self, offset: u64) -> Result<Member<'a>, FormatError> {
        let read = || {
            let member = self.file.member(ArchiveOffset(offset))?;
            let bytes = member.data(self.bytes)?;
            Ok(Member {
                offset,
                name: Name::new(member.name()),
                bytes,
            })
        };
        read().map_err(|fault: FormatFault| FormatError::of_object(self.name, fault))
    }
}
