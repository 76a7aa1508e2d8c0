//! Symbols that outlive the object they were read from, with their names in one stretch of bytes.

use alloc::vec::Vec;
use core::iter;

use crate::base::{Id, Mark, Name, OutOfMemory, TargetAddr, fallible, int};
use crate::graph::{Linkage, ObjectId, SymbolKind};

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
    /// Whether modules must not define the name themselves, in any dylib: what the program's own soundness rests on.
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

/// Who finds a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Visibility {
    /// Everybody who is linked against the dylib.
    Exported,
    /// What is loaded into the dylib.
    Hidden,
}

/// Names the kind of what has a [`RecordId`].
pub(super) enum RecordKey {}

/// Names a symbol of a [`SymbolSet`].
pub(super) type RecordId = Id<RecordKey>;

/// A symbol of a module or a dylib.
#[derive(Clone, Copy, Debug)]
pub(super) struct SymbolRecord {
    name_start: u32,
    name_len: u32,
    /// The mark of the name.
    pub(super) mark: Mark,
    pub(super) address: TargetAddr,
    pub(super) size_bytes: u64,
    /// The object that defines it, of the graph that the module was.
    pub(super) object: ObjectId,
    pub(super) kind: SymbolKind,
    pub(super) linkage: Linkage,
    pub(super) visibility: Visibility,
    /// Whether no module may define the name again.
    pub(super) is_protected: bool,
    /// Whether a section group of this name is kept here.
    pub(super) is_group: bool,
}

/// What a symbol is to be recorded as.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewSymbol<'a> {
    pub(super) name: Name<'a>,
    /// The mark of the name.
    pub(super) mark: Mark,
    pub(super) address: TargetAddr,
    pub(super) size_bytes: u64,
    pub(super) object: ObjectId,
    pub(super) kind: SymbolKind,
    pub(super) linkage: Linkage,
    pub(super) visibility: Visibility,
    pub(super) is_protected: bool,
    pub(super) is_group: bool,
}

/// Symbols with their names.
#[derive(Default, Debug)]
pub(super) struct SymbolSet {
    names: Vec<u8>,
    symbols: Vec<SymbolRecord>,
}

impl SymbolSet {
    pub(super) const fn new() -> Self {
        Self {
            names: Vec::new(),
            symbols: Vec::new(),
        }
    }

    /// Makes room for so many symbols, with names of so many bytes together.
    pub(super) fn try_reserve(
        &mut self,
        symbols: usize,
        name_bytes: usize,
    ) -> Result<(), OutOfMemory> {
        fallible::reserve(&mut self.names, name_bytes)?;
        fallible::reserve(&mut self.symbols, symbols)
    }

    /// Adds a symbol.
    pub(super) fn try_push(&mut self, new: NewSymbol<'_>) -> Result<RecordId, OutOfMemory> {
        let index = u32::try_from(self.symbols.len()).map_err(|_| OutOfMemory)?;
        self.try_extend(iter::once(new))?;
        Ok(RecordId::from_index(index))
    }

    /// Adds symbols. A function of its own, so that what it looks at for each stays in registers.
    #[inline(never)]
    pub(super) fn try_extend<'n>(
        &mut self,
        new: impl Iterator<Item = NewSymbol<'n>>,
    ) -> Result<(), OutOfMemory> {
        for new in new {
            let name = new.name.bytes();
            let name_start = self.names.len();
            // Neither number is more than their sum, which is that of two lengths in memory.
            u32::try_from(name_start.wrapping_add(name.len())).map_err(|_| OutOfMemory)?;
            let record = SymbolRecord {
                name_start: int::low_u32(int::from_usize(name_start)),
                name_len: int::low_u32(int::from_usize(name.len())),
                mark: new.mark,
                address: new.address,
                size_bytes: new.size_bytes,
                object: new.object,
                kind: new.kind,
                linkage: new.linkage,
                visibility: new.visibility,
                is_protected: new.is_protected,
                is_group: new.is_group,
            };
            fallible::push(&mut self.symbols, record)?;
            let extended = fallible::extend(&mut self.names, name);
            extended
                .inspect_err(|_| self.symbols.truncate(self.symbols.len().saturating_sub(1)))?;
        }
        Ok(())
    }

    pub(super) fn get(&self, id: RecordId) -> Option<&SymbolRecord> {
        self.symbols.get(id.index())
    }

    /// The name of a symbol; empty if there is no such.
    pub(super) fn name_of(&self, id: RecordId) -> Name<'_> {
        self.get(id)
            .map_or(Name::default(), |record| self.name_in(record))
    }

    /// The name that stands in a record.
    fn name_in(&self, record: &SymbolRecord) -> Name<'_> {
        let start = int::usize_from_u32(record.name_start);
        let end = start.checked_add(int::usize_from_u32(record.name_len));
        let name = end.and_then(|end| self.names.get(start..end));
        Name::new(name.unwrap_or(&[]))
    }

    /// All symbols' ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = RecordId> + use<> {
        (0..int::low_u32(int::from_usize(self.symbols.len()))).map(RecordId::from_index)
    }

    /// All symbols with their ids.
    pub(super) fn records(&self) -> impl Iterator<Item = (RecordId, &SymbolRecord)> {
        self.ids().zip(&self.symbols)
    }

    /// All symbols with their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Name<'_>, &SymbolRecord)> {
        let records = self.symbols.iter();
        records.map(|record| (self.name_in(record), record))
    }

    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Drops all symbols from `len` on, which are those added last.
    pub(super) fn truncate(&mut self, len: usize) {
        if let Some(record) = self.symbols.get(len) {
            self.names.truncate(int::usize_from_u32(record.name_start));
            self.symbols.truncate(len);
        }
    }
}
