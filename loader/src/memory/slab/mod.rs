//! A kernel's heap over one fixed region: size classes for small blocks, a list of holes for large ones.
//!
//! [`Slab`] is the allocator, [`LockedSlab`] the same behind a lock, to be a `#[global_allocator]`. Half of the
//! region is dealt out to the classes in equal shares, at once and for ever; so a block's address tells its class,
//! and small blocks cost a constant number of steps to take and to give back. A class that is used up borrows from
//! the next larger ones, and last from the large blocks. When nothing is left the answer is an error, never the end
//! of the program.
//!
//! Nothing here knows pages or modules.

mod class;
mod locked;
mod region;
mod statistics;
#[cfg(test)]
mod tests;

pub use locked::LockedSlab;
pub use region::Slab;
pub use statistics::{ClassStatistics, InUse, LargeStatistics, SlabStatistics};

/// The sizes of blocks, in bytes. Each is a power of two and the alignment of its blocks.
pub const CLASS_SIZES_BYTES: [usize; CLASSES] = [16, 32, 64, 128, 256, 512, 1024, 2048];

/// How many size classes there are.
pub const CLASSES: usize = 8;

/// A block was given back that isn't out: not a block's first byte, or free already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAllocated;

impl core::fmt::Display for NotAllocated {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("memory was given back to the heap that isn't an allocated block of it")
    }
}

impl core::error::Error for NotAllocated {}
