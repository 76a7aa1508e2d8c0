//! The hash of a name, for tables whose keys are names.

use core::hash::{BuildHasher, Hasher};

use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use spin::Once;

use super::Name;

/// What names are mixed with; set by the first that asks for it.
static KEY: Once<Key> = Once::new();

/// A key, as the hasher takes it. Both factors of its products must be unknown to who chooses names: a factor that a name
/// can make 0 makes the product 0, whatever the other is.
struct Key {
    first: u64,
    others: SharedSeed,
}

impl Key {
    const fn new(key: u64) -> Self {
        Self {
            first: key,
            others: SharedSeed::from_u64(key),
        }
    }

    #[inline]
    fn hash(&'static self, name: Name<'_>) -> u64 {
        let mut hasher = SeedableRandomState::with_seed(self.first, &self.others).build_hasher();
        // The hasher itself tells names of different lengths apart.
        hasher.write(name.bytes());
        hasher.finish()
    }
}

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
        Key::new(key)
    });
    is_set
}

/// The hash of `name`.
#[inline]
pub fn hash_name(name: Name<'_>) -> u64 {
    NameHasher::get().hash(name)
}

/// The key that names are hashed with, for who hashes many of them.
#[derive(Clone, Copy)]
pub(crate) struct NameHasher(&'static Key);

impl NameHasher {
    #[inline]
    pub(crate) fn get() -> Self {
        Self(KEY.call_once(|| Key::new(DEFAULT_KEY)))
    }

    /// The hash of `name`.
    #[inline]
    pub(crate) fn hash(self, name: Name<'_>) -> u64 {
        self.0.hash(name)
    }
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
    fn no_beginning_makes_names_hash_alike_under_every_key() {
        // What the hasher begins with by itself, and its complement: factors of 0 and of all ones.
        let beginning = 0x082e_fa98_ec4e_6c89_u64.rotate_right(16);
        for beginning in [beginning, !beginning] {
            let hash = |ending: u64| {
                let name = [beginning.to_le_bytes(), ending.to_le_bytes()].concat();
                hash_name(Name::new(&name))
            };
            assert_ne!(hash(1), hash(2));
        }
    }

    #[test]
    fn a_key_that_comes_after_the_first_hash_changes_nothing() {
        let before = hash_name(Name::from("main"));
        assert!(!set_hash_key(7));
        assert_eq!(hash_name(Name::from("main")), before);
    }
}
