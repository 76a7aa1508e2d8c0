//! Numbers that a program can't foresee.

use core::arch::asm;

use aarch64_cpu::registers::{ID_AA64ISAR0_EL1, Readable};

use super::ticks;
use crate::machine::mixed;

/// A number that a program can't foresee where the processor has a source of such; else one made of the time.
pub fn entropy() -> u64 {
    let has_source = ID_AA64ISAR0_EL1.matches_all(ID_AA64ISAR0_EL1::RNDR::Supported);
    if has_source && let Some(number) = random() {
        return number;
    }
    mixed(ticks())
}

/// What the processor's source gives; `None` if it has nothing to give now.
fn random() -> Option<u64> {
    let number: u64;
    let is_missing: u64;
    // SAFETY: the register (RNDR) is there, by the only caller's word; reading it changes the flags alone.
    unsafe {
        asm!(
            "mrs {number}, s3_3_c2_c4_0",
            "cset {is_missing}, eq",
            number = out(reg) number,
            is_missing = out(reg) is_missing,
            options(nomem, nostack),
        )
    };
    (is_missing == 0).then_some(number)
}
