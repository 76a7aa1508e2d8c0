//! What the tool can fail with, in the words of the user.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::string::String;

use crate::base::{Machine, OutOfMemory};
use crate::format::FormatError;
use crate::link::LinkError;

use super::check::CheckFailed;

/// Why the tool stops.
#[derive(Debug)]
pub(super) enum ToolError {
    /// There is nothing to link.
    NoFiles,
    /// A file can't be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file can't be written.
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Standard output takes no more.
    Output(io::Error),
    /// The heap is full.
    Heap(OutOfMemory),
    /// A file is wrong.
    Format(FormatError),
    /// The link failed.
    Link(LinkError),
    /// A fixup doesn't fit.
    FixUp(String),
    /// The slab is too small.
    Slab {
        /// How many bytes it has.
        size_bytes: u64,
        /// How many it would need.
        wanted_bytes: u64,
    },
    /// What was linked is for another machine.
    Foreign {
        /// The machine.
        machine: Machine,
    },
    /// The function to begin with is not there.
    NoEntry {
        /// Its name.
        name: String,
    },
    /// An argument of the program can't be handed over.
    Argument {
        /// The argument.
        text: String,
    },
    /// Checks don't hold.
    Check(CheckFailed),
    /// A fault of the tool's own.
    Internal(String),
}

impl From<OutOfMemory> for ToolError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<FormatError> for ToolError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl From<CheckFailed> for ToolError {
    fn from(error: CheckFailed) -> Self {
        Self::Check(error)
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFiles => formatter.write_str("no file to link; name an object, or see -help"),
            Self::Read { path, error } => {
                write!(formatter, "{} can't be read: {error}", path.display())
            }
            Self::Write { path, error } => {
                write!(formatter, "{} can't be written: {error}", path.display())
            }
            Self::Output(error) => write!(formatter, "standard output can't be written: {error}"),
            Self::Heap(error) => error.fmt(formatter),
            Self::Format(error) => error.fmt(formatter),
            Self::Link(error) => error.fmt(formatter),
            Self::FixUp(text) => formatter.write_str(text),
            Self::Slab {
                size_bytes,
                wanted_bytes,
            } => write!(
                formatter,
                "the slab of {size_bytes:#x} bytes is {:#x} too small; give -slab-allocate {}Kb",
                wanted_bytes.saturating_sub(*size_bytes),
                wanted_bytes.div_ceil(1024)
            ),
            Self::Foreign { machine } => write!(
                formatter,
                "the objects are for {machine}, which this machine can't run; link them with -noexec"
            ),
            Self::NoEntry { name } => write!(
                formatter,
                "nothing to run: no object defines `{name}`; name another function by -entry, or link with -noexec"
            ),
            Self::Argument { text } => {
                write!(
                    formatter,
                    "the argument `{text}` has a zero byte, which ends it for a program"
                )
            }
            Self::Check(error) => error.fmt(formatter),
            Self::Internal(what) => write!(
                formatter,
                "a fault of the tool itself, please report it: {what}"
            ),
        }
    }
}

impl std::error::Error for ToolError {}
