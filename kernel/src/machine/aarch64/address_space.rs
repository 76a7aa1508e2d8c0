//! aarch64's address space: where physical memory and modules are seen, and the root tables in TTBR0 and TTBR1.

use core::arch::asm;

use aarch64_cpu::registers::{Readable, SCTLR_EL1, TCR_EL1};
use ironlink::memory::paging::{self, Frame, FrameSource, PagingError, PhysicalAccess, Roots};

use super::serial;

/// Where physical address 0 is seen: the beginning of the upper half.
pub(crate) const DIRECT_MAP: u64 = 0xffff_0000_0000_0000;
/// Where modules live, first and last address: near the image, so that a branch reaches it without a stub.
pub(crate) const MODULE_WINDOW: [(u64, u64); 1] = [(0x4200_0000, 0x6fff_ffff)];
/// Pages with registers of devices that the kernel uses at their physical addresses.
pub(crate) const DEVICE_PAGES: [u64; 1] = [serial::REGISTERS as u64];
/// Memory below this address is the firmware's.
pub(crate) const FIRMWARE_END: u64 = 0;

/// The roots of page tables, one for each half.
pub(crate) struct RootTables {
    low: Frame,
    high: Frame,
}

impl RootTables {
    /// New tables that map nothing.
    pub(crate) fn new(
        access: &impl PhysicalAccess,
        frames: &mut impl FrameSource,
    ) -> Result<Self, PagingError> {
        Ok(Self {
            low: paging::new_root(access, frames)?,
            high: paging::new_root(access, frames)?,
        })
    }

    /// The roots as the walk takes them.
    pub(crate) fn roots(&self) -> Roots {
        Roots::split(Some(self.low), Some(self.high))
    }

    /// Makes the processor use these tables, and refuse to execute what is writable.
    ///
    /// # Safety
    /// They map all that is in use, at the same addresses.
    pub(crate) unsafe fn activate(&self) {
        let checks = SCTLR_EL1::WXN::Enable + SCTLR_EL1::SA::Enable;
        let control = checks.modify(SCTLR_EL1.get());
        let translation = TCR_EL1::EPD1::EnableTTBR1Walks.modify(TCR_EL1.get());
        // The new tables map in pages what the old ones map in blocks, so no translation of either may be used while those
        // of the other are kept (DDI 0487, "break-before-make"): the change is made with the MMU off. The code lies
        // where it is mapped, and uses registers alone.
        //
        // SAFETY: by this method's contract the code goes on at the same address under the new tables; memory that the
        // compiler knows of is the same before and after.
        unsafe {
            asm!(
                "dsb ish",
                "msr sctlr_el1, {off}",
                "isb",
                "msr ttbr0_el1, {low}",
                "msr ttbr1_el1, {high}",
                "msr tcr_el1, {translation}",
                "isb",
                "tlbi vmalle1",
                "dsb nsh",
                "isb",
                "msr sctlr_el1, {control}",
                "isb",
                off = in(reg) SCTLR_EL1::M::Disable.modify(control),
                low = in(reg) self.low.start().value(),
                high = in(reg) self.high.start().value(),
                translation = in(reg) translation,
                control = in(reg) control,
                options(nostack, preserves_flags),
            )
        };
    }
}
