//! The hash of a name, for tables whose keys are names.

use core::hash::BuildHasher;

use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use spin::Once;

use super::Name;

/// What names are mixed with; set by the first that asks for it.
static KEY: Once<SharedSeed> = Once::new();

/// The key of who sets none: the same in every run, so that the work of a link can be counted exactly.
const DEFAULT_KEY: u64 = 0x6972_6f6e_6c69_6e6b;

/// Sets the key that names are hashed with, before anything is linked; false if that was too late, and nothing was changed.
///
/// Who loads objects of strangers should set a random one: with a key that can be guessed, names can be made that all fall
/// into one place of a table, and cost a load time in proportion to the square of their number.
pub fn set_hash_key(key: u64) -> bool {
    let mut is_set = false;
    KEY.call_once(|| {
        is_set = true;
        SharedSeed::from_u64(key)
    });
    is_set
}

/// The hash of `name`.
pub fn hash_name(name: Name<'_>) -> u64 {
    let key = KEY.call_once(|| SharedSeed::from_u64(DEFAULT_KEY));
    SeedableRandomState::with_seed(0, key).hash_one(name.bytes())
}

#[cfg(test)]
mod tests {
    use super::{hash_name, set_hash_key};
    use crate::base::Name;

    #[test]
    fn names_that_hash_alike_under_the_hashers_own_key_hash_apart() {
        let ending = [0x17, 0x09, 0x47, 0xb5, 0xb5, 0xd5, 0x84, 0x3f];
        let hash = |beginning: u64| {
            let name = [beginning.to_le_bytes(), ending].concat();
            hash_name(Name::new(&name))
        };
        assert_ne!(hash(1), hash(2));
    }

    #[test]
    fn a_key_that_comes_after_the_first_hash_changes_nothing() {
        let before = hash_name(Name::from("main"));
        assert!(!set_hash_key(7));
        assert_eq!(hash_name(Name::from("main")), before);
    }
}
