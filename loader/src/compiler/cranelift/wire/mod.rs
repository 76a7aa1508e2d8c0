//! A unit as bytes: what a host that reads the text form of functions sends to a kernel that compiles them.
//!
//! Cranelift's own serialised form of a function is its tables as they are, with places in pools and lists that lead to each
//! other; bytes that were not made by Cranelift have its verifier, and whatever reads the tables before, index beside them or
//! walk in circles. So a function is sent as what its builder was told: blocks with parameters, and in them instructions with
//! the values, blocks and lists that they refer to by number. [`decode()`] builds it anew, each number compared with how many
//! there are, and has the verifier look at the whole.
//!
//! Values get numbers in the order of blocks and instructions, aliases are resolved, and what says nothing about the code is
//! left out: debug tags, value labels, regions of aliasing. What is not sent is refused by name: handlers of exceptions, stack
//! maps, dynamic vectors, stack limits, global values other than symbols.
//!
//! **Invariant:** no bytes make [`decode()`] panic while the heap has room. Tables are read by others' code, whose allocations
//! can't report a full heap: they take a small multiple of the bytes.
//!
//! What [`decode()`] gives was verified. That is no promise that Cranelift compiles it without a panic, nor that it makes sense;
//! and code that is run has all rights of who runs it.

mod decode;
mod encode;
mod form;
mod operands;

pub use decode::decode;
pub use encode::encode;

use core::fmt;

use crate::base::{OutOfMemory, Text};
use crate::compiler::CompileError;

/// The most bytes that a unit may have.
pub const LIMIT_BYTES: usize = 64 << 20;

/// Why a unit can't be sent, or bytes are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WireError {
    /// The heap has no room.
    Heap(OutOfMemory),
    /// There are more bytes than [`LIMIT_BYTES`].
    TooLong {
        /// How many.
        found_bytes: usize,
    },
    /// The bytes were written by another version.
    Version {
        /// By which.
        found: Text<32>,
    },
    /// They are not what was written: cut off, or damaged.
    Damaged,
    /// They refer to what isn't there.
    Missing {
        /// The function; empty if it is the unit itself.
        function: Text<96>,
        /// What isn't there.
        what: &'static str,
        /// Its number.
        number: u32,
    },
    /// They say what makes no sense.
    Senseless {
        /// The function; empty if it is the unit itself.
        function: Text<96>,
        /// What is said.
        what: &'static str,
    },
    /// A function has what isn't sent.
    Unsent {
        /// The function.
        function: Text<96>,
        /// What it has.
        what: &'static str,
    },
    /// A function breaks rules of its representation.
    Invalid(CompileError),
}

impl From<OutOfMemory> for WireError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::TooLong { found_bytes } => write!(
                formatter,
                "a unit of {found_bytes} bytes is too long: at most {LIMIT_BYTES}; split it"
            ),
            Self::Version { found } => write!(
                formatter,
                "the unit was written for version `{found}`, this is `{}`; write it anew",
                form::VERSION
            ),
            Self::Damaged => formatter.write_str("the unit is cut off or damaged; send it again"),
            Self::Missing {
                function,
                what,
                number,
            } => write!(
                formatter,
                "function `{function}`: there is no {what} {number}"
            ),
            Self::Senseless { function, what } => {
                write!(formatter, "function `{function}`: {what}")
            }
            Self::Unsent { function, what } => {
                write!(
                    formatter,
                    "function `{function}` has {what}, which can't be sent"
                )
            }
            Self::Invalid(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for WireError {}
