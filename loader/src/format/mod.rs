//! Readers of files: from bytes to a [`LinkGraph`], by the low-level readers of the `object` crate.
//!
//! This is the only floor that reads files, and the last one that knows their formats: relocations become edge kinds here.
//! Every byte is hostile; whatever is wrong with a file is an error that says where.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

mod archive;
pub mod elf;
mod error;

#[cfg(test)]
pub(crate) use archive::tests::build as archive_builder;
pub use archive::{Archive, Member, MemberSource, Members, Taken};
pub use error::{FormatError, FormatFault};

use crate::graph::{LinkGraph, Object, ObjectId};

/// What a file's first bytes say that it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// An ELF file.
    Elf,
    /// An archive of objects.
    Archive,
    /// Nothing that is known here.
    Unknown,
}

impl FileKind {
    /// What `bytes` say that they are.
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"\x7fELF") {
            Self::Elf
        } else if bytes.starts_with(b"!<arch>\n") || bytes.starts_with(b"!<thin>\n") {
            Self::Archive
        } else {
            Self::Unknown
        }
    }
}

/// What of a file is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReadOptions {
    /// Debug information too. It gets no memory of the program's: its sections have
    /// [`Lifetime::NoAlloc`](crate::memory::Lifetime::NoAlloc).
    pub debug: bool,
}

/// Reads one object into `graph`, beside those that are there.
///
/// # Errors
/// Says what is wrong with the object and where. The graph is of no use then.
pub fn read_object<'a>(
    graph: &mut LinkGraph<'a>,
    object: Object<'a>,
    bytes: &'a [u8],
    options: ReadOptions,
) -> Result<ObjectId, FormatError> {
    match FileKind::of(bytes) {
        FileKind::Elf => elf::read(graph, object, bytes, options),
        FileKind::Archive | FileKind::Unknown => Err(FormatError::of_object(
            object.name,
            FormatFault::NotAnObject,
        )),
    }
}
