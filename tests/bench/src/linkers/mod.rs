//! The linkers that are compared, each behind the same small face: what it needs is set up beforehand, then an object is
//! loaded, and dropping what was loaded frees it.

mod ironlink;
mod limit;
mod pages;
mod touched;

use crate::object_file::ObjectFile;

/// What was loaded; dropping it frees it.
pub(crate) trait Loaded {}

impl<T> Loaded for T {}

/// A linker that is ready for one object.
pub(crate) trait Linker {
    /// From bytes in memory to protected memory.
    fn load(&mut self) -> Result<Box<dyn Loaded + '_>, String>;
}

/// Makes a linker ready: says what the object's missing names stand for, and all else that doesn't count.
type Prepare = for<'o> fn(&'o ObjectFile) -> Result<Box<dyn Linker + 'o>, String>;

/// What a linker is to the comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// What no linker can do without.
    Limit,
    /// Ironlink.
    Ours,
    /// What Ironlink is measured against.
    Peer,
}

/// A linker, by name.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    /// Whether its memory was touched before.
    pub(crate) is_touched: bool,
    pub(crate) prepare: Prepare,
}

/// All of them, in the order in which they take their turns.
pub(crate) static LINKERS: &[Entry] = &[
    Entry {
        name: "limit",
        role: Role::Limit,
        is_touched: false,
        prepare: limit::fresh,
    },
    Entry {
        name: "limit-touched",
        role: Role::Limit,
        is_touched: true,
        prepare: limit::touched,
    },
    Entry {
        name: "ironlink",
        role: Role::Ours,
        is_touched: false,
        prepare: ironlink::fresh,
    },
    Entry {
        name: "ironlink-touched",
        role: Role::Ours,
        is_touched: true,
        prepare: ironlink::touched,
    },
];

impl Entry {
    /// The linker of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        LINKERS.iter().find(|entry| entry.name == name)
    }
}
