//! Generators: where a dylib gets definitions from when a name is missing.
//!
//! A [`Generator`] is asked for one name at a time, and answers with an address, with another name that stands for the same, or
//! with an object that defines it. A dylib asks those that were added to it, the last first, for names that nothing in it
//! defines.
//!
//! - a closure from names to addresses is one; absolute symbols need none ([`Dylib::define`](super::Dylib::define));
//! - [`ArchiveGenerator`]: the members of a static archive;
//! - [`Aliases`], [`ReExports`]: other names for what is defined elsewhere.
//!
//! What a generator gives as an object is loaded into the generator's own dylib, as a module that all who miss its names share;
//! or, if that dylib is the one that is being loaded into, together with what misses it. Shared modules stay when their users
//! go, for those to come; [`Session::unload_unused`](super::Session::unload_unused) removes them. Of two loads at the same
//! time that miss the same name, each may get a module of its own.

mod aliases;
mod archive;

pub use aliases::{Aliases, ReExports};
pub use archive::ArchiveGenerator;

use alloc::boxed::Box;
use core::fmt;

use crate::base::{Name, Shared, TargetAddr, Text};
use crate::graph::Linkage;

use super::DylibId;

/// A name that is missing.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The name.
    pub name: Name<'a>,
    /// Whether it may stay undefined.
    pub linkage: Linkage,
}

/// What a generator has for a name.
#[derive(Clone, Copy, Debug)]
pub enum Generated<'g> {
    /// It stands for this address.
    Address(TargetAddr),
    /// It stands for what another name stands for.
    SameAs {
        /// The dylib whose name it is; `None` for the generator's own.
        dylib: Option<DylibId>,
        /// That name.
        name: Name<'g>,
    },
    /// It stands for what the same name stands for in another dylib.
    SameName {
        /// That dylib.
        dylib: DylibId,
    },
    /// This object defines it.
    Object {
        /// The name of the object's file.
        name: Name<'g>,
        /// The name of the archive that it is a member of; empty if it is a file of its own.
        archive: Name<'g>,
        /// The file.
        bytes: &'g [u8],
    },
}

/// Why a generator can't answer, and what to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GeneratorError {
    /// Why.
    pub reason: Text<200>,
}

/// A source of definitions for names that are missing.
pub trait Generator: Send + Sync {
    /// What it has for a name; `None` if it has nothing. It may be asked more than once, by several loads at a time, and must
    /// answer alike as long as what it answered before is in use. The session may be asked meanwhile.
    ///
    /// # Errors
    /// Why there is no answer; the load fails.
    fn generate(&self, wanted: Wanted<'_>) -> Result<Option<Generated<'_>>, GeneratorError>;
}

impl<F: Fn(Wanted<'_>) -> Option<TargetAddr> + Send + Sync> Generator for F {
    fn generate(&self, wanted: Wanted<'_>) -> Result<Option<Generated<'_>>, GeneratorError> {
        Ok(self(wanted).map(Generated::Address))
    }
}

impl GeneratorError {
    /// What is wrong, in one line.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self {
            reason: Text::display(reason),
        }
    }
}

/// A source of a dylib's definitions.
#[derive(Clone)]
pub(super) enum Source {
    /// What somebody wrote.
    Generator(Shared<Box<dyn Generator>>),
    /// The bounds of sections of the dylib's modules: asked for once it is known that a module has no such sections itself.
    SectionBounds,
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Generator(_) => "Generator",
            Self::SectionBounds => "SectionBounds",
        })
    }
}
