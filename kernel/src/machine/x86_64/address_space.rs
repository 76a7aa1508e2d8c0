//! x86-64's address space: where physical memory and modules are seen, and the root table in CR3.

use ironlink::memory::paging::{self, Frame, FrameSource, PagingError, PhysicalAccess, Roots};
use x86_64::PhysAddr;
use x86_64::registers::control::{Cr3, Cr3Flags};
use x86_64::structures::paging::PhysFrame;

/// Where physical address 0 is seen: the beginning of the upper half.
pub(crate) const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;
/// Where modules live, first and last address. The image's code model reaches the low 2 GiB; code of the kernel model
/// wants the top 2 GiB.
pub(crate) const MODULE_WINDOW: [(u64, u64); 2] = [
    (0x4000_0000, 0x6fff_ffff),
    (0xffff_ffff_8000_0000, 0xffff_ffff_efff_ffff),
];
/// Pages with registers of devices that the kernel uses at their physical addresses.
pub(crate) const DEVICE_PAGES: [u64; 0] = [];
/// Memory below this address is the firmware's.
pub(crate) const FIRMWARE_END: u64 = 1 << 20;

/// The root of page tables, one for both halves.
pub(crate) struct RootTables(Frame);

impl RootTables {
    /// New tables that map nothing.
    pub(crate) fn new(
        access: &impl PhysicalAccess,
        frames: &mut impl FrameSource,
    ) -> Result<Self, PagingError> {
        Ok(Self(paging::new_root(access, frames)?))
    }

    /// The root as the walk takes it.
    pub(crate) fn roots(&self) -> Roots {
        Roots::shared(self.0)
    }

    /// Makes the processor use these tables.
    ///
    /// # Safety
    /// They map all that is in use, at the same addresses.
    pub(crate) unsafe fn activate(&self) {
        let root = PhysAddr::new(self.0.start().value());
        // SAFETY: the frame holds a root table; the rest is by this method's contract.
        unsafe { Cr3::write(PhysFrame::containing_address(root), Cr3Flags::empty()) };
    }
}
