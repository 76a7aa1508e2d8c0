//! The members of a static archive, each loaded when a name that it defines is missing.
#![expect(
    unsafe_code,
    reason = "an archive is kept beside the bytes that it borrows"
)]

use alloc::vec::Vec;
use core::slice;

use crate::base::{Name, fallible};
use crate::format::{Archive, FormatError, MemberSource};
use crate::graph::Linkage;

use super::{Generated, Generator, GeneratorError, Wanted};

/// The members of a static archive. A weak reference asks for none. Source: gABI, "Symbol Table", STB_WEAK.
#[derive(Debug)]
pub struct ArchiveGenerator {
    /// Borrows from `_owned`, if that holds the bytes: declared, and so dropped, before it.
    archive: Archive<'static>,
    /// Likewise.
    name: Name<'static>,
    /// The name and the bytes; neither changed nor given back while this lives.
    _owned: [Vec<u8>; 2],
}

impl ArchiveGenerator {
    /// The members of an archive that stays in memory, as an initial memory disk does.
    ///
    /// # Errors
    /// The archive is damaged, or the heap has no room.
    pub fn new(name: &'static str, bytes: &'static [u8]) -> Result<Self, FormatError> {
        Self::with_members(name, bytes, None)
    }

    /// As [`new`](Self::new); `source` gives the members of a thin archive.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn with_members(
        name: &'static str,
        bytes: &'static [u8],
        source: Option<&'static dyn MemberSource>,
    ) -> Result<Self, FormatError> {
        let name = Name::from(name);
        Ok(Self {
            archive: Archive::parse_with(name, bytes, source)?,
            name,
            _owned: [Vec::new(), Vec::new()],
        })
    }

    /// The members of an archive that is kept here.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn owned(name: &str, bytes: Vec<u8>) -> Result<Self, FormatError> {
        let copied = fallible::copy_of(name.as_bytes());
        let name = copied.map_err(|error| FormatError::of_object(Name::from(name), error))?;
        // SAFETY: the vector is kept as long as what borrows from it, and is never changed: its heap memory stays where it is.
        let kept = unsafe { slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        // SAFETY: likewise.
        let kept_name = unsafe { slice::from_raw_parts(name.as_ptr(), name.len()) };
        let kept_name = Name::new(kept_name);
        Ok(Self {
            archive: Archive::parse(kept_name, kept)?,
            name: kept_name,
            _owned: [name, bytes],
        })
    }
}

impl Generator for ArchiveGenerator {
    fn generate(&self, wanted: Wanted<'_>) -> Result<Option<Generated<'_>>, GeneratorError> {
        if wanted.linkage == Linkage::Weak {
            return Ok(None);
        }
        let Some(place) = self.archive.find(wanted.name) else {
            return Ok(None);
        };
        let member = self.archive.member(place).map_err(GeneratorError::new)?;
        Ok(Some(Generated::Object {
            name: member.name,
            archive: self.name,
            bytes: member.bytes,
        }))
    }
}
