//! Page tables: one walk over a format that is data, for x86-64 and aarch64, on every host.
//!
//! A kernel and a [`KernelSpace`](super::KernelSpace) work on the same [`PageTables`]: they map, protect, unmap and
//! split leaves, take frames for tables from a [`FrameSource`] and reach them by [`PhysicalAccess`]. What a change
//! still owes to the processors is a [`Flush`], which must be paid to a [`Processor`].
//!
//! ```no_run
//! # use ironlink::base::{AddressRange, Protection, TargetAddr};
//! # use ironlink::memory::paging::{
//! #     self, Attributes, DirectMap, FrameSource, LargestLeaf, PageTables, PagingError, PhysicalAddr, Roots, X86_64,
//! # };
//! # fn boot(frames: &mut impl FrameSource, access: DirectMap, memory: AddressRange) -> Result<(), PagingError> {
//! let roots = Roots::shared(paging::new_root(&access, frames)?);
//! // SAFETY: the tables are new, and nothing uses them yet.
//! let mut tables = unsafe { PageTables::new(&X86_64, roots, access) };
//! let attributes = Attributes::normal(Protection::ReadWrite);
//! // SAFETY: as above.
//! let flush = unsafe { tables.map(memory, PhysicalAddr::new(0), attributes, LargestLeaf::Size2MiB, frames) }?;
//! flush.tables_not_in_use();
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here knows which addresses modules live at, or what W^X is: `kernel_space` and `audit` do.

mod aarch64;
mod access;
mod error;
mod flush;
mod format;
mod frame;
mod huge;
mod map;
mod processor;
mod protect;
#[cfg(test)]
pub(crate) mod simulation;
mod tables;
#[cfg(test)]
mod tests;
mod unmap;
mod walk;
mod x86_64;

pub use aarch64::{AARCH64, MAIR_EL1};
pub use access::{DirectMap, PhysicalAccess};
pub use error::PagingError;
pub use flush::Flush;
pub use format::{Attributes, Format, MemoryKind, Rights};
pub use frame::{Frame, FrameSource, FrameUse, PAGE_SIZE_BYTES, PhysicalAddr};
pub use map::LargestLeaf;
#[cfg(all(target_arch = "aarch64", any(feature = "std", test)))]
pub(crate) use processor::aarch64::synchronize_code;
pub use processor::{Processor, ThisProcessor};
pub use tables::{Alias, Leaf, PageTables, Roots, new_root};
pub use unmap::{Parked, Unmapped};
pub use x86_64::X86_64;

impl Format {
    /// The format of the machine that this program is compiled for.
    pub const THIS_MACHINE: &'static Self = if cfg!(target_arch = "aarch64") {
        &AARCH64
    } else {
        &X86_64
    };
}
