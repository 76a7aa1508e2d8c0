//! Interfaces: names with versions, and one number that stands for all of them.
//!
//! Both sides compute the same numbers, on any machine, by FNV-1a with 64 bits: beginning with 0xcbf29ce484222325, each byte
//! is combined by exclusive or, and the result multiplied by 0x100000001b3, modulo 2^64. Source: Fowler, Noll, Vo,
//! "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv.
//!
//! - The version of an entry is the hash of its signature's text, a zero byte, and its number as four bytes, the lowest first.
//! - The hash of an interface is that of its name, a zero byte, and for each entry in the order of the names' bytes: the name,
//!   a zero byte, and the version as eight bytes, the lowest first.
//!
//! It finds mistakes, not malice: who builds a module can state what he likes.

use alloc::vec::Vec;
use core::fmt;

use crate::base::{Name, Text, int, sort};

use super::record::{TextField, interface};

/// A name that a program offers or a module expects, and its version there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InterfaceEntry<'a> {
    /// The name.
    pub name: Name<'a>,
    /// What changes when the name's meaning does; see [`entry_version`].
    pub version: u64,
}

/// What a program offers to its modules: names with versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interface<'a> {
    name: &'a str,
    entries: Vec<InterfaceEntry<'a>>,
    hash: u64,
}

/// Why names and versions make no interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InterfaceError {
    /// The interface's own name is none: it stands in the names of files and macros.
    Name {
        /// The name.
        name: Text<64>,
    },
    /// An entry's name can't stand in a record or in a header.
    Entry {
        /// The name.
        name: Text<64>,
    },
    /// Two entries have the same name.
    Twice {
        /// The name.
        name: Text<64>,
    },
    /// There is no entry.
    Empty,
}

impl<'a> Interface<'a> {
    /// The interface called `name` with these entries, in any order.
    ///
    /// # Errors
    /// The name is not 1 to 47 lowercase letters, digits and underscores, beginning with a letter; or an entry's name is not
    /// 1 to 55 printable ASCII characters other than blank, quote and backslash, or there twice; or there is none.
    pub fn new(name: &'a str, entries: Vec<InterfaceEntry<'a>>) -> Result<Self, InterfaceError> {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let is_entry = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        let begins_right = name
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase());
        if !begins_right || !fits(name.as_bytes(), &interface::NAME, is_name) {
            let name = Text::of(name);
            return Err(InterfaceError::Name { name });
        }
        if entries.is_empty() {
            return Err(InterfaceError::Empty);
        }
        let mut entries = entries;
        sort::sort_by_key(&mut entries, |entry| entry.name);
        let mut previous = None;
        for entry in &entries {
            if !fits(entry.name.bytes(), &interface::ENTRY_NAME, is_entry) {
                let name = Text::of(entry.name);
                return Err(InterfaceError::Entry { name });
            }
            if previous == Some(entry.name) {
                let name = Text::of(entry.name);
                return Err(InterfaceError::Twice { name });
            }
            previous = Some(entry.name);
        }
        Ok(Self {
            name,
            hash: interface_hash(Name::from(name), entries.iter().copied()),
            entries,
        })
    }

    /// Its name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Its entries, in the order of their names.
    pub fn entries(&self) -> &[InterfaceEntry<'a>] {
        &self.entries
    }

    /// The number that stands for all of it.
    pub const fn hash(&self) -> u64 {
        self.hash
    }
}

/// Whether a text of such bytes fits a field together with the zero that ends it.
fn fits(text: &[u8], field: &TextField, is_allowed: impl Fn(u8) -> bool) -> bool {
    (1..field.size_bytes).contains(&text.len()) && text.iter().all(|&byte| is_allowed(byte))
}

/// The version of an entry: of the text that says how it is called, and of a number to be raised when it means something else
/// although it is called alike.
pub const fn entry_version(signature: &str, number: u32) -> u64 {
    let hash = mix(START, signature.as_bytes());
    mix(mix(hash, &[0]), &number.to_le_bytes())
}

/// The hash over an interface's entries, which come in the order of their names.
pub fn interface_hash<'a>(
    name: Name<'_>,
    entries: impl IntoIterator<Item = InterfaceEntry<'a>>,
) -> u64 {
    let mut hash = mix(mix(START, name.bytes()), &[0]);
    for entry in entries {
        hash = mix(mix(hash, entry.name.bytes()), &[0]);
        hash = mix(hash, &entry.version.to_le_bytes());
    }
    hash
}

/// What FNV-1a begins with.
const START: u64 = 0xcbf2_9ce4_8422_2325;
/// What FNV-1a multiplies by.
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The hash of what was hashed and of `bytes` behind it.
const fn mix(hash: u64, bytes: &[u8]) -> u64 {
    let mut hash = hash;
    let mut rest = bytes;
    while let [byte, behind @ ..] = rest {
        hash = (hash ^ int::widen_u32(int::widen_u8(*byte))).wrapping_mul(PRIME);
        rest = behind;
    }
    hash
}

impl fmt::Display for InterfaceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name } => write!(
                formatter,
                "`{name}` names no interface: use 1 to 47 lowercase letters, digits and underscores"
            ),
            Self::Entry { name } => write!(
                formatter,
                "`{name}` can't stand in an interface: use 1 to 55 printable characters without blanks, quotes and backslashes"
            ),
            Self::Twice { name } => {
                write!(
                    formatter,
                    "`{name}` is in the interface twice; leave one out"
                )
            }
            Self::Empty => formatter.write_str("an interface has at least one entry; give one"),
        }
    }
}

impl core::error::Error for InterfaceError {}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use super::{Interface, InterfaceEntry, InterfaceError, START, entry_version, mix};
    use crate::base::Name;

    fn entry(name: &str, version: u64) -> InterfaceEntry<'_> {
        InterfaceEntry {
            name: Name::from(name),
            version,
        }
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // Source: the test vectors of draft-eastlake-fnv.
        assert_eq!(mix(START, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(mix(START, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(mix(START, b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_version_is_of_the_signature_and_of_the_number() {
        const VERSION: u64 = entry_version("fn(ptr) -> i32", 1);
        assert_eq!(VERSION, mix(START, b"fn(ptr) -> i32\0\x01\0\0\0"));
        assert_ne!(VERSION, entry_version("fn(ptr) -> i32", 2));
        assert_ne!(VERSION, entry_version("fn(ptr) -> i64", 1));
    }

    #[test]
    fn the_order_of_entries_makes_no_difference() {
        let one = Interface::new("kernel", Vec::from([entry("b", 2), entry("a", 1)])).unwrap();
        let other = Interface::new("kernel", Vec::from([entry("a", 1), entry("b", 2)])).unwrap();
        assert_eq!(one, other);
        let bytes = b"kernel\0a\0\x01\0\0\0\0\0\0\0b\0\x02\0\0\0\0\0\0\0";
        assert_eq!(one.hash(), mix(START, bytes));
    }

    #[test]
    fn a_name_a_version_and_the_interfaces_own_name_each_change_the_hash() {
        let hash = |name, entries: &[InterfaceEntry<'static>]| {
            Interface::new(name, entries.to_vec()).unwrap().hash()
        };
        let whole = hash("kernel", &[entry("a", 1), entry("b", 2)]);
        for other in [
            hash("kernels", &[entry("a", 1), entry("b", 2)]),
            hash("kernel", &[entry("a", 1)]),
            hash("kernel", &[entry("a", 1), entry("b", 3)]),
            hash("kernel", &[entry("a", 1), entry("c", 2)]),
        ] {
            assert_ne!(whole, other);
        }
    }

    #[test]
    fn names_that_no_record_or_header_holds_are_refused() {
        let long = "n".repeat(48);
        for name in ["", "Kernel", "a-b", "1st", "_a", &long] {
            let error = Interface::new(name, Vec::from([entry("a", 1)])).unwrap_err();
            assert!(matches!(error, InterfaceError::Name { .. }), "{error}");
        }
        let longest = "n".repeat(55);
        assert!(Interface::new("kernel", Vec::from([entry(&longest, 1)])).is_ok());
        let long = "n".repeat(56);
        for name in ["", "a b", "a\"", "a\\", "ä", &long] {
            let error = Interface::new("kernel", Vec::from([entry(name, 1)])).unwrap_err();
            assert!(matches!(error, InterfaceError::Entry { .. }), "{error}");
        }
        let error = Interface::new("kernel", Vec::new()).unwrap_err();
        assert_eq!(error, InterfaceError::Empty);
        let twice = Vec::from([entry("a", 1), entry("b", 1), entry("a", 2)]);
        let error = Interface::new("kernel", twice).unwrap_err();
        assert!(matches!(error, InterfaceError::Twice { .. }));
        assert_eq!(
            format!("{error}"),
            String::from("`a` is in the interface twice; leave one out")
        );
    }
}
