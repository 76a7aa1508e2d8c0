//! Where linked code and data live: requests for segments, and managers that serve them.
//!
//! A link asks a [`MemoryManager`] to reserve its segments, fills the working memory of what is [`InFlight`], and
//! finalizes it: only then do the protections hold, and only then can code run. Dropping what is in flight, or what
//! was finalized, gives all of it back.
//!
//! Nothing here knows graphs, object files or symbols.
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

pub mod audit;
mod error;
#[cfg(all(any(feature = "std", test), target_os = "linux"))]
pub mod hosted;
mod kernel_space;
mod layout;
pub mod mock;
pub mod paging;
mod reach;
pub mod slab;
mod window;

pub use error::MemoryError;
pub use kernel_space::{KernelFinalized, KernelInFlight, KernelSpace, KernelSpaceStatistics};
pub use reach::Reach;

use core::fmt;

use crate::base::{AddressRange, Alignment, Protection, TargetAddr};

/// How long a segment is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lifetime {
    /// Until the module is unloaded.
    Standard,
    /// Until its initializers have run.
    Finalize,
    /// Never: what describes the program without being part of it, such as debug information. No memory manager is asked
    /// for it.
    NoAlloc,
}

impl fmt::Display for Lifetime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Standard => "standard",
            Self::Finalize => "finalize",
            Self::NoAlloc => "no-alloc",
        })
    }
}

/// One segment that a link wants: memory of one protection and lifetime, at one stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SegmentRequest {
    /// What the memory may be used for once finalized.
    pub protection: Protection,
    /// How long it is needed.
    pub lifetime: Lifetime,
    /// Alignment of the segment's first byte. Managers align to pages at least.
    pub alignment: Alignment,
    /// Bytes that the link will write.
    pub content_size_bytes: u64,
    /// Bytes after them that stay zero.
    pub zero_fill_size_bytes: u64,
}

/// Everything that one link wants: its segments, and where they may lie.
#[derive(Clone, Copy, Debug)]
pub struct MemoryRequest<'a> {
    /// The segments, each laid out at its own pages, in this order and near to each other.
    pub segments: &'a [SegmentRequest],
    /// Where all of them must lie, for the relocations that can't reach everywhere.
    pub reach: Reach,
}

/// A source of memory for linked code and data.
pub trait MemoryManager {
    /// Memory that is being filled.
    type InFlight: InFlight<Finalized = Self::Finalized>;
    /// Memory whose protections hold; dropping it gives it back.
    type Finalized: Finalized;

    /// Reserves all segments, zeroed and writable but not executable. All that finalizing will need is allocated
    /// now.
    ///
    /// # Errors
    /// Says which resource is exhausted, or that no part of the window lies in reach; nothing stays reserved then.
    fn reserve(&self, request: MemoryRequest<'_>) -> Result<Self::InFlight, MemoryError>;

    /// What a page is, of those that are protected and given back: of 4 KiB, or more where a system has none so small.
    fn page(&self) -> Alignment;
}

/// Reserved memory that is being filled. Dropping it abandons the reservation.
pub trait InFlight {
    /// What finalizing makes of it.
    type Finalized;

    /// The address at which the segment will be seen when it runs. `segment` counts in the order of the request.
    fn target_address(&self, segment: usize) -> Option<TargetAddr>;

    /// The segment's content and zero-fill bytes, to be written by this program. Zero until written.
    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]>;

    /// Applies the protections of the executable segments alone and makes caches agree, so that their code can run while the
    /// other segments are still being filled. There is no working memory for the sealed segments any more.
    ///
    /// # Errors
    /// The platform refused; the reservation is of no use then.
    fn seal_executable(&mut self) -> Result<(), MemoryError>;

    /// Applies the protections that don't hold yet and makes caches agree, so that the code can run.
    ///
    /// # Errors
    /// The platform refused; the reservation is abandoned then.
    fn finalize(self) -> Result<Self::Finalized, MemoryError>;
}

/// Memory whose protections hold.
pub trait Finalized {
    /// Gives back the segments with [`Lifetime::Finalize`], once initializers have run.
    fn release_finalize_segments(&mut self);

    /// Gives back the memory of pages that nobody uses any more, but not their addresses, so that nothing else comes to lie
    /// there before all of it goes. What of `range` is no whole page, or none of these segments', stays as it is.
    fn release_pages(&mut self, range: AddressRange);
}
