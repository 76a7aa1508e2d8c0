//! What the processor is asked to check and to offer: protections where it has them, SSE, and AVX where it has that.

use raw_cpuid::CpuId;
use x86_64::registers::control::{Cr0, Cr0Flags, Cr4, Cr4Flags};
use x86_64::registers::xcontrol::{XCr0, XCr0Flags};

/// Switches all of it on.
///
/// # Safety
/// No code runs yet that relies on any of it being off: nothing is mapped for ring 3, and the kernel uses no x87.
pub(super) unsafe fn enable() {
    let mut cr0 = Cr0::read();
    cr0.remove(Cr0Flags::EMULATE_COPROCESSOR | Cr0Flags::TASK_SWITCHED);
    cr0.insert(Cr0Flags::MONITOR_COPROCESSOR | Cr0Flags::NUMERIC_ERROR | Cr0Flags::WRITE_PROTECT);
    // SAFETY: paging and protected mode stay as they are; the rest is by this function's contract.
    unsafe { Cr0::write(cr0) };

    let cpuid = CpuId::new();
    let has_xsave = cpuid
        .get_feature_info()
        .is_some_and(|features| features.has_xsave() && features.has_avx());
    let mut cr4 = Cr4::read() | Cr4Flags::OSFXSR | Cr4Flags::OSXMMEXCPT_ENABLE;
    cr4.set(Cr4Flags::OSXSAVE, has_xsave);
    if let Some(features) = cpuid.get_extended_feature_info() {
        cr4.set(
            Cr4Flags::SUPERVISOR_MODE_EXECUTION_PROTECTION,
            features.has_smep(),
        );
        cr4.set(
            Cr4Flags::SUPERVISOR_MODE_ACCESS_PREVENTION,
            features.has_smap(),
        );
        cr4.set(
            Cr4Flags::USER_MODE_INSTRUCTION_PREVENTION,
            features.has_umip(),
        );
    }
    // SAFETY: CPUID has each of these; by this function's contract nothing relies on their absence.
    unsafe { Cr4::write(cr4) };
    if has_xsave {
        // SAFETY: CR4 allows it, and CPUID has AVX.
        unsafe { XCr0::write(XCr0Flags::X87 | XCr0Flags::SSE | XCr0Flags::AVX) };
    }
}
