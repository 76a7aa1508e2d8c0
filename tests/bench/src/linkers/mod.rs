//! The linkers that are compared, each behind the same small face: what it needs is set up beforehand, then an object is
//! loaded, and dropping what was loaded frees it.

mod cranelift;
#[cfg(feature = "peers")]
mod elf_loader;
mod ironlink;
mod jitlink;
#[cfg(feature = "peers")]
mod kmod_loader;
mod limit;
mod pages;
#[cfg(feature = "peers")]
mod prepared;
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
    /// Whether it allocates by Rust's heap, whose peak is known.
    pub(crate) is_heap_known: bool,
    pub(crate) prepare: Prepare,
}

const fn entry(name: &'static str, role: Role, prepare: Prepare) -> Entry {
    Entry {
        name,
        role,
        is_touched: false,
        is_heap_known: true,
        prepare,
    }
}

/// All of them, in the order in which they take their turns.
pub(crate) static LINKERS: &[Entry] = &[
    entry("limit", Role::Limit, limit::fresh),
    Entry {
        is_touched: true,
        ..entry("limit-touched", Role::Limit, limit::touched)
    },
    entry("ironlink", Role::Ours, ironlink::fresh),
    Entry {
        is_touched: true,
        ..entry("ironlink-touched", Role::Ours, ironlink::touched)
    },
    #[cfg(feature = "peers")]
    entry("elf_loader", Role::Peer, elf_loader::ready),
    #[cfg(feature = "peers")]
    entry("kmod-loader", Role::Peer, kmod_loader::ready),
    entry("cranelift-jit", Role::Peer, cranelift::ready),
    Entry {
        is_heap_known: false,
        ..entry("jitlink", Role::Peer, jitlink::ready)
    },
];

impl Entry {
    /// The linker of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        LINKERS.iter().find(|entry| entry.name == name)
    }
}
