//! Numbers that a program can't foresee.

use x86_64::instructions::random::RdRand;

use super::ticks;
use crate::machine::mixed;

/// A number that a program can't foresee where the processor has a source of such; else one made of the time.
pub fn entropy() -> u64 {
    RdRand::new()
        .and_then(RdRand::get_u64)
        .unwrap_or_else(|| mixed(ticks()))
}
