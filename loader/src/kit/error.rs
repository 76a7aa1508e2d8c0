//! Why a module's records can't be used.

use core::fmt;

use crate::base::{OutOfMemory, Text};
use crate::graph::Site;

/// Why a module's records can't be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KitError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// There are two records of what there is only one.
    Twice {
        /// The first of them.
        first: Site,
        /// The second.
        second: Site,
    },
    /// A record is damaged, or none that is known.
    Record {
        /// Where.
        site: Site,
        /// What is wrong there.
        fault: RecordFault,
    },
    /// A module states an interface, but not what it is itself.
    NoModule {
        /// Where it states the interface.
        site: Site,
    },
    /// What is named as init or exit function is no code of the module.
    NotCode {
        /// Where it is named.
        site: Site,
        /// The symbol, or the section that it stands in.
        symbol: Text<120>,
    },
    /// A symbol can't be exported.
    Export {
        /// Where it is named.
        site: Site,
        /// The symbol, or the section that it stands in.
        symbol: Text<120>,
        /// Why not.
        fault: ExportFault,
    },
}

/// What is wrong with a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordFault {
    /// No bytes of the object stand there.
    NoBytes,
    /// It is too short.
    Size {
        /// Its size in bytes.
        found: usize,
        /// The size that it should have.
        expected: usize,
    },
    /// Its layout is one that is not known.
    Format {
        /// The number of its layout.
        found: u32,
        /// The one that is known.
        known: u32,
    },
    /// A text has no end within its field.
    Unterminated {
        /// The field.
        field: &'static str,
        /// Its size in bytes.
        size_bytes: usize,
    },
    /// A text is empty.
    Empty {
        /// The field.
        field: &'static str,
    },
    /// Where the address of something should stand, a number does, or nothing.
    MissingRelocation,
    /// Something is written into the record that is no address.
    Relocation {
        /// What is written.
        kind: Text<64>,
    },
    /// Something is written where no address belongs, or twice to the same place.
    StrayRelocation,
    /// The entries of an interface are not in the order of their names, each once.
    Order,
}

/// Why a symbol can't be exported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFault {
    /// Only its own object sees it.
    Local,
    /// The module doesn't define it.
    Undefined,
    /// It has no name, or a place beside it is exported.
    NotASymbol,
}

impl From<OutOfMemory> for KitError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl fmt::Display for KitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::Twice { first, second } => write!(
                formatter,
                "{second}: what is loaded together says this already at {first}; leave one of them out, or load them apart"
            ),
            Self::Record { site, fault } => write!(formatter, "{site}: {fault}"),
            Self::NoModule { site } => write!(
                formatter,
                "{site}: an interface is needed by a module that doesn't say what it is; add IRONLINK_MODULE or ironlink_module!"
            ),
            Self::NotCode { site, symbol } => write!(
                formatter,
                "{site}: `{symbol}` is to be called, but is no code of this module; name a function that it defines"
            ),
            Self::Export {
                site,
                symbol,
                fault,
            } => write!(formatter, "{site}: `{symbol}` can't be exported: {fault}"),
        }
    }
}

impl fmt::Display for RecordFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBytes => {
                formatter.write_str("the record has no bytes; write it by the kit's macros")
            }
            Self::Size { found, expected } => write!(
                formatter,
                "the record has {found} bytes of {expected}; the file may be cut off"
            ),
            Self::Format { found, known } => write!(
                formatter,
                "the record has layout {found}, and {known} is known; rebuild the module with the ironlink.h or ironlink_module.rs of this linker"
            ),
            Self::Unterminated { field, size_bytes } => write!(
                formatter,
                "the {field} has no end within its {size_bytes} bytes; make it shorter"
            ),
            Self::Empty { field } => write!(formatter, "the {field} is empty; give one"),
            Self::MissingRelocation => formatter.write_str(
                "no relocation gives the address that belongs here; load the object as the compiler wrote it",
            ),
            Self::Relocation { kind } => write!(
                formatter,
                "{kind} stands here instead of an address of 64 bits; write the record by the kit's macros"
            ),
            Self::StrayRelocation => formatter.write_str(
                "a relocation stands here that doesn't belong to the record; write the record by the kit's macros",
            ),
            Self::Order => formatter.write_str(
                "the entries are not in the order of their names, each once; write the header anew",
            ),
        }
    }
}

impl fmt::Display for ExportFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Local => {
                "only its own object sees it; make it global: no `static` in C, `#[unsafe(no_mangle)]` in Rust"
            }
            Self::Undefined => "the module doesn't define it; export it where it is defined",
            Self::NotASymbol => "it is no name that others could use; export a function or an object by its name",
        })
    }
}

impl core::error::Error for KitError {}
