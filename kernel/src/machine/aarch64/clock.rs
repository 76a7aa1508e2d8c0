//! The generic timer's counter.

use aarch64_cpu::asm::barrier;
use aarch64_cpu::registers::{CNTFRQ_EL0, CNTVCT_EL0, Readable};

/// How many instructions one tick stands for when QEMU counts them (`-icount shift=0`): a nanosecond each, while the counter
/// runs at 62.5 MHz.
pub const INSTRUCTIONS_PER_TICK: u64 = 16;

/// Ticks since the machine was started.
pub fn ticks() -> u64 {
    barrier::isb(barrier::SY);
    CNTVCT_EL0.get()
}

/// Ticks in a second.
pub fn ticks_per_second() -> u64 {
    CNTFRQ_EL0.get().max(1)
}
