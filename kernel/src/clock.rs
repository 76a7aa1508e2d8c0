//! Time, and instructions where QEMU counts them.

use crate::machine;

const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;

/// Nanoseconds since the machine was started.
pub fn nanoseconds() -> u64 {
    let nanoseconds = u128::from(machine::ticks()) * NANOSECONDS_PER_SECOND
        / u128::from(machine::ticks_per_second());
    u64::try_from(nanoseconds).unwrap_or(u64::MAX)
}

/// Instructions that have run, counted from an origin that stays, where QEMU counts them (`-icount shift=0`).
pub fn instructions() -> u64 {
    machine::instructions()
}
