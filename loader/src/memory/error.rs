//! Why memory could not be had or protected.

use core::fmt;

use crate::base::{AddressRange, Alignment, OutOfMemory, TargetAddr};

use super::Reach;
use super::paging::PagingError;

/// Why a memory manager could not do what it was asked to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemoryError {
    /// The heap for the manager's own books is full.
    Heap(OutOfMemory),
    /// No physical frame is free for a page.
    OutOfFrames,
    /// No physical frame is free for a page table.
    OutOfTableFrames,
    /// The window has no gap of this size that lies in reach.
    WindowExhausted {
        /// Size of the gap that was wanted, in bytes, guard pages included.
        size_bytes: u64,
        /// Where it had to lie.
        reach: Reach,
    },
    /// No range of the window lies in reach.
    OutOfReach {
        /// Where the segments had to lie.
        reach: Reach,
    },
    /// The sizes asked for don't fit an address space.
    TooLarge,
    /// The alignment is larger than the manager can give.
    Alignment {
        /// What was asked for.
        wanted: Alignment,
        /// The largest that it gives.
        largest: Alignment,
    },
    /// Something is mapped where nothing may be.
    Occupied {
        /// The first page that is taken.
        address: TargetAddr,
    },
    /// A range of the window isn't made of whole pages that the page tables can translate, or meets another range.
    Window {
        /// The range.
        range: AddressRange,
    },
    /// The page tables aren't as they must be.
    Paging(PagingError),
    /// The operating system refused.
    System {
        /// The call that failed.
        call: &'static str,
        /// Its error number.
        errno: i32,
    },
}

impl From<OutOfMemory> for MemoryError {
    fn from(error: OutOfMemory) -> Self {
        Self::Heap(error)
    }
}

impl From<PagingError> for MemoryError {
    fn from(error: PagingError) -> Self {
        match error {
            PagingError::OutOfPages => Self::OutOfFrames,
            PagingError::OutOfTables => Self::OutOfTableFrames,
            PagingError::Occupied { address } => Self::Occupied { address },
            other => Self::Paging(other),
        }
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heap(error) => error.fmt(formatter),
            Self::OutOfFrames => {
                formatter.write_str("no physical frame is free; unload modules or give more memory")
            }
            Self::OutOfTableFrames => formatter.write_str(
                "no physical frame is free for a page table; unload modules or give more memory",
            ),
            Self::WindowExhausted { size_bytes, reach } => {
                write!(
                    formatter,
                    "the module window has no free {size_bytes} bytes within {reach}; unload modules or widen it"
                )
            }
            Self::OutOfReach { reach } => {
                write!(
                    formatter,
                    "no part of the module window lies within {reach}; compile with -fPIC or widen the window"
                )
            }
            Self::TooLarge => {
                formatter.write_str("the sections together are larger than an address space")
            }
            Self::Alignment { wanted, largest } => {
                write!(
                    formatter,
                    "alignment {wanted} is larger than {largest}, the most that is given"
                )
            }
            Self::Occupied { address } => write!(
                formatter,
                "something is mapped at {address} in the module window"
            ),
            Self::Window { range } => write!(
                formatter,
                "{range} can't be part of a module window: it must be whole pages \
                 that the page tables translate, apart from its other ranges"
            ),
            Self::Paging(error) => error.fmt(formatter),
            Self::System { call, errno } => {
                write!(formatter, "{call} failed with error number {errno}")
            }
        }
    }
}

impl core::error::Error for MemoryError {}
