//! What the processor is asked to check, where it can.

use core::arch::asm;

use aarch64_cpu::asm::barrier;
use aarch64_cpu::registers::{ID_AA64MMFR1_EL1, Readable};

/// Switches the checks on: EL1 doesn't touch what EL0 may.
///
/// # Safety
/// Nothing that EL1 uses is mapped for EL0.
pub(super) unsafe fn enable() {
    let has_pan = ID_AA64MMFR1_EL1.read(ID_AA64MMFR1_EL1::PAN) != 0;
    if has_pan {
        // SAFETY: the processor has PAN; by this function's contract it forbids no access that is made.
        unsafe {
            asm!(
                ".arch_extension pan",
                "msr pan, #1",
                options(nomem, nostack, preserves_flags)
            )
        };
        barrier::isb(barrier::SY);
    }
}
