//! The members of a static archive, each loaded when a name that it defines is missing.
#![expect(
    unsafe_code,
    reason = "an archive is kept beside the bytes that it borrows"
)]

use alloc::vec::Vec;

use crate::base::{Name, fallible};
use crate::format::{Archive, FormatError};
use crate::graph::Linkage;

use super::{Generated, Generator, GeneratorError, Wanted};

/// The members of a static archive. A weak reference asks for none. Source: gABI, "Symbol Table", STB_WEAK.
#[derive(Debug)]
pub struct ArchiveGenerator {
    /// Borrows from `owned`, if that holds the bytes: declared, and so dropped, before it.
    archive: Archive<'static>,
    name: Vec<u8>,
    /// Never changed nor moved on the heap while this lives.
    _owned: Vec<u8>,
}

impl ArchiveGenerator {
    /// The members of an archive that stays in memory, as an initial memory disk does.
    ///
    /// # Errors
    /// The archive is damaged, or the heap has no room.
    pub fn new(name: &'static str, bytes: &'static [u8]) -> Result<Self, FormatError> {
        let archive = Archive::parse(Name::from(name), bytes)?;
        Ok(Self {
            archive,
            name: Vec::new(),
            _owned: Vec::new(),
        })
    }

    /// The members of an archive that is kept here.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn owned(name: &str, bytes: Vec<u8>) -> Result<Self, FormatError> {
        let of_heap = |error| FormatError::of_object(Name::from(name), error);
        let name = fallible::copy_of(name.as_bytes()).map_err(of_heap)?;
        // SAFETY: the vector is kept as long as the archive that borrows from it, and is never changed: its heap memory stays
        // where it is.
        let kept: &'static [u8] =
            unsafe { core::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        // SAFETY: likewise.
        let kept_name: &'static [u8] =
            unsafe { core::slice::from_raw_parts(name.as_ptr(), name.len()) };
        let archive = Archive::parse(Name::new(kept_name), kept)?;
        Ok(Self {
            archive,
            name,
            _owned: bytes,
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
            archive: self.archive.name(),
            bytes: member.bytes,
        }))
    }
}
