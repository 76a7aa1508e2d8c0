//! The generic timer's counter, and the cycle counter of the performance monitors.

use core::arch::asm;

use aarch64_cpu::asm::barrier;
use aarch64_cpu::registers::{CNTFRQ_EL0, CNTVCT_EL0, ID_AA64DFR0_EL1, Readable};

/// PMCR_EL0.E and LC: counting, in 64 bits.
const COUNTING: u64 = 1 << 0 | 1 << 6;
/// PMCNTENSET_EL0.C: the cycle counter.
const CYCLES: u64 = 1 << 31;
/// How many nanoseconds the timer's tick takes in QEMU, where it runs at 62.5 MHz.
const NANOSECONDS_PER_TICK: u64 = 16;

/// Instructions when QEMU counts them (`-icount shift=0`), from an origin that stays: a nanosecond each, which the cycle
/// counter counts one by one. A processor without performance monitors counts them in steps of sixteen.
pub fn instructions() -> u64 {
    let version = ID_AA64DFR0_EL1.read(ID_AA64DFR0_EL1::PMUVer);
    // 0 is none, and 15 one of another kind.
    if version == 0 || version == 15 {
        return ticks() * NANOSECONDS_PER_TICK;
    }
    let count: u64;
    // SAFETY: the monitors are there; nothing else uses them, and to switch them on again changes nothing.
    unsafe {
        asm!(
            "msr pmcr_el0, {counting}",
            "msr pmcntenset_el0, {cycles}",
            "isb",
            "mrs {count}, pmccntr_el0",
            counting = in(reg) COUNTING,
            cycles = in(reg) CYCLES,
            count = out(reg) count,
            options(nostack, preserves_flags)
        );
    }
    count
}

/// Ticks since the machine was started.
pub fn ticks() -> u64 {
    barrier::isb(barrier::SY);
    CNTVCT_EL0.get()
}

/// Ticks in a second.
pub fn ticks_per_second() -> u64 {
    CNTFRQ_EL0.get().max(1)
}
