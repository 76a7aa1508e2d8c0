//! Symbols that outlive the object they were read from: their names interned once, found by hash.

use alloc::vec::Vec;

use hashbrown::HashTable;

use crate::base::{Name, OutOfMemory, TargetAddr, fallible, hash_name, int};
use crate::graph::{Linkage, SymbolKind};

/// A symbol that a program defines for the modules it loads: a row of its exports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AbsoluteSymbol<'a> {
    /// The name, as objects ask for it.
    pub name: &'a str,
    /// The address.
    pub address: TargetAddr,
    /// The size in bytes; 0 if unknown.
    pub size_bytes: u64,
    /// Function or data.
    pub kind: SymbolKind,
    /// Whether a second definition is an error.
    pub linkage: Linkage,
    /// Whether modules must not define the name themselves: what the program's own soundness rests on.
    pub is_protected: bool,
}

impl<'a> AbsoluteSymbol<'a> {
    /// A function that modules may call.
    pub const fn function(name: &'a str, address: TargetAddr) -> Self {
        Self {
            name,
            address,
            size_bytes: 0,
            kind: SymbolKind::Function,
            linkage: Linkage::Strong,
            is_protected: false,
        }
    }

    /// Data of so many bytes that modules may read and write.
    pub const fn data(name: &'a str, address: TargetAddr, size_bytes: u64) -> Self {
        Self {
            size_bytes,
            kind: SymbolKind::Data,
            ..Self::function(name, address)
        }
    }
}

/// A symbol of a module or a dylib.
#[derive(Clone, Copy, Debug)]
pub(super) struct SymbolRecord {
    name_start: u32,
    name_len: u32,
    pub(super) address: TargetAddr,
    pub(super) size_bytes: u64,
    pub(super) kind: SymbolKind,
    pub(super) linkage: Linkage,
    /// Whether it can be found by name; the others are there to tell what an address is.
    pub(super) is_exported: bool,
    pub(super) is_protected: bool,
}

/// What a symbol is to be recorded as.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewSymbol<'a> {
    pub(super) name: Name<'a>,
    pub(super) address: TargetAddr,
    pub(super) size_bytes: u64,
    pub(super) kind: SymbolKind,
    pub(super) linkage: Linkage,
    pub(super) is_exported: bool,
    pub(super) is_protected: bool,
}

/// Symbols with their names, and an index of those that are exported.
#[derive(Default, Debug)]
pub(super) struct SymbolSet {
    names: Vec<u8>,
    symbols: Vec<SymbolRecord>,
    index: HashTable<u32>,
}

impl SymbolSet {
    pub(super) const fn new() -> Self {
        Self {
            names: Vec::new(),
            symbols: Vec::new(),
            index: HashTable::new(),
        }
    }

    /// Makes room for so many symbols, of which so many are exported, with names of so many bytes together.
    pub(super) fn try_reserve(
        &mut self,
        symbols: usize,
        exported: usize,
        name_bytes: usize,
    ) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.names, name_bytes)?;
        fallible::reserve(&mut self.symbols, symbols)?;
        let Self {
            names,
            symbols,
            index,
        } = self;
        index
            .try_reserve(exported, |&place| hash_at(names, symbols, place))
            .map_err(|_| OutOfMemory)
    }

    pub(super) fn try_push(&mut self, new: NewSymbol<'_>) -> Result<u32, OutOfMemory> {
        let place = u32::try_from(self.symbols.len()).map_err(|_| OutOfMemory)?;
        let name_start = u32::try_from(self.names.len()).map_err(|_| OutOfMemory)?;
        let name_len = u32::try_from(new.name.bytes().len()).map_err(|_| OutOfMemory)?;
        self.try_reserve(1, usize::from(new.is_exported), new.name.bytes().len())?;
        fallible::extend(&mut self.names, new.name.bytes())?;
        let record = SymbolRecord {
            name_start,
            name_len,
            address: new.address,
            size_bytes: new.size_bytes,
            kind: new.kind,
            linkage: new.linkage,
            is_exported: new.is_exported,
            is_protected: new.is_protected,
        };
        fallible::push(&mut self.symbols, record)?;
        if new.is_exported {
            let Self {
                names,
                symbols,
                index,
            } = self;
            index.insert_unique(hash_name(new.name), place, |&other| {
                hash_at(names, symbols, other)
            });
        }
        Ok(place)
    }

    /// The exported symbol of this name.
    pub(super) fn find(&self, name: Name<'_>) -> Option<&SymbolRecord> {
        self.get(self.find_place(name)?)
    }

    /// The place of the exported symbol of this name; of several, the last took the place of the others.
    pub(super) fn find_place(&self, name: Name<'_>) -> Option<u32> {
        self.index
            .iter_hash(hash_name(name))
            .copied()
            .filter(|&place| self.name_at(place) == name)
            .max()
    }

    pub(super) fn get(&self, place: u32) -> Option<&SymbolRecord> {
        self.symbols.get(int::usize_from_u32(place))
    }

    /// The name of the symbol at a place; empty if there is none.
    pub(super) fn name_at(&self, place: u32) -> Name<'_> {
        name_at(&self.names, &self.symbols, place)
    }

    /// All symbols with their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &SymbolRecord)> {
        (0..).zip(&self.symbols)
    }

    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Drops all symbols from `len` on, which must be those added last.
    pub(super) fn truncate(&mut self, len: usize) {
        while self.symbols.len() > len {
            let Some(last) = self.symbols.len().checked_sub(1) else {
                return;
            };
            let place = int::low_u32(int::from_usize(last));
            let hash = hash_name(self.name_at(place));
            if let Ok(entry) = self.index.find_entry(hash, |&other| other == place) {
                entry.remove();
            }
            if let Some(record) = self.symbols.pop() {
                self.names.truncate(int::usize_from_u32(record.name_start));
            }
        }
    }
}

fn name_at<'n>(names: &'n [u8], symbols: &[SymbolRecord], place: u32) -> Name<'n> {
    let name = symbols.get(int::usize_from_u32(place)).and_then(|record| {
        let start = int::usize_from_u32(record.name_start);
        names.get(start..start.checked_add(int::usize_from_u32(record.name_len))?)
    });
    Name::new(name.unwrap_or(&[]))
}

fn hash_at(names: &[u8], symbols: &[SymbolRecord], place: u32) -> u64 {
    hash_name(name_at(names, symbols, place))
}
