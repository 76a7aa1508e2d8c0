//! Time, and instructions where QEMU counts them.

use crate::machine;

const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;

/// Nanoseconds since the machine was started.
pub fn nanoseconds() -> u64 {
    let nanoseconds = u128::from(machine::ticks()) * NANOSECONDS_PER_SECOND
        / u128::from(machine::ticks_per_second());
    u64::try_from(nanoseconds).unwrap_or(u64::MAX)
}

/// Instructions since the machine was started, where QEMU counts them (`-icount shift=0`). On aarch64 they come in steps of
/// sixteen.
pub fn instructions() -> u64 {
    machine::ticks() * machine::INSTRUCTIONS_PER_TICK
}
