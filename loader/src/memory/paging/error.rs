//! Why page tables could not be read or changed as asked.

use core::fmt;

use crate::base::{AddressRange, TargetAddr};

/// Why page tables could not be changed as asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PagingError {
    /// The range isn't made of whole pages in one half of the address space that the tables translate.
    Range {
        /// What was asked for.
        range: AddressRange,
    },
    /// No frame is free for a page.
    OutOfPages,
    /// No frame is free for a page table.
    OutOfTables,
    /// Something is mapped already.
    Occupied {
        /// Where.
        address: TargetAddr,
    },
    /// Nothing is mapped.
    NotMapped {
        /// Where.
        address: TargetAddr,
    },
    /// Part of a large leaf would change. Splitting it first helps.
    LargeLeaf {
        /// Where it starts.
        address: TargetAddr,
        /// Its size in bytes.
        size_bytes: u64,
    },
    /// The leaf would have to be unmapped for a moment, but shows the very table that holds it.
    HoldsItself {
        /// Where it starts.
        address: TargetAddr,
    },
}

impl fmt::Display for PagingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range { range } => write!(
                formatter,
                "{range} isn't made of whole pages that the page tables can translate"
            ),
            Self::OutOfPages => formatter.write_str("no frame is free for a page"),
            Self::OutOfTables => formatter.write_str("no frame is free for a page table"),
            Self::Occupied { address } => write!(formatter, "something is mapped at {address}"),
            Self::NotMapped { address } => write!(formatter, "nothing is mapped at {address}"),
            Self::LargeLeaf {
                address,
                size_bytes,
            } => write!(
                formatter,
                "the leaf of {size_bytes} bytes at {address} can't change in part; split it first"
            ),
            Self::HoldsItself { address } => write!(
                formatter,
                "the leaf at {address} can't be split while it shows its own table; map memory that holds page tables by 4 KiB"
            ),
        }
    }
}

impl core::error::Error for PagingError {}
