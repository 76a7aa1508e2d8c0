//! The hash of a name, for tables whose keys are names.

use core::hash::BuildHasher;

use super::Name;

/// The hash of `name`: the same in every run, so that the work of a link can be counted exactly.
pub fn hash_name(name: Name<'_>) -> u64 {
    foldhash::fast::FixedState::with_seed(0).hash_one(name.bytes())
}
