//! Symbols that outlive the object they were read from, with their names in one stretch of bytes.

use alloc::vec::Vec;
use core::iter;

use crate::base::{Id, Mark, Name, NameHasher, OutOfMemory, TargetAddr, fallible, int};
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

/// A name that stands among others, and its mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredName {
    start: u32,
    len: u32,
    pub(super) mark: Mark,
}

/// A symbol of a module or a dylib.
#[derive(Clone, Copy, Debug)]
pub(super) struct SymbolRecord {
    pub(super) name: StoredName,
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

impl StoredName {
    /// The name itself, among those that it stands among.
    fn among<'n>(&self, names: &'n [u8]) -> Name<'n> {
        let start = int::usize_from_u32(self.start);
        let end = start.checked_add(int::usize_from_u32(self.len));
        let name = end.and_then(|end| names.get(start..end));
        Name::new(name.unwrap_or(&[]))
    }
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

    /// Adds a symbol: a name, and a function that tells the rest, given where that is stored.
    pub(super) fn try_push(
        &mut self,
        name: Name<'_>,
        record: impl FnOnce(StoredName) -> SymbolRecord,
    ) -> Result<RecordId, OutOfMemory> {
        let index = u32::try_from(self.symbols.len()).map_err(|_| OutOfMemory)?;
        self.try_extend(iter::once((name, record)))?;
        Ok(RecordId::from_index(index))
    }

    /// Adds symbols likewise.
    ///
    /// A function of its own, so that what it looks at for each stays in registers; of most of that, once the name is copied and
    /// hashed.
    #[inline(never)]
    pub(super) fn try_extend<'n>(
        &mut self,
        new: impl Iterator<Item = (Name<'n>, impl FnOnce(StoredName) -> SymbolRecord)>,
    ) -> Result<(), OutOfMemory> {
        let hasher = NameHasher::get();
        for (name, record) in new {
            let (start, len) = (self.names.len(), name.bytes().len());
            // Neither number is more than their sum, which is that of two lengths in memory.
            u32::try_from(start.wrapping_add(len)).map_err(|_| OutOfMemory)?;
            fallible::extend(&mut self.names, name.bytes())?;
            let record = record(StoredName {
                start: int::low_u32(int::from_usize(start)),
                len: int::low_u32(int::from_usize(len)),
                mark: Mark::by(hasher, name),
            });
            let pushed = fallible::push(&mut self.symbols, record);
            pushed.inspect_err(|_| self.names.truncate(start))?;
        }
        Ok(())
    }

    /// Shows all symbols with their names, to be changed.
    pub(super) fn for_each_mut(&mut self, mut change: impl FnMut(Name<'_>, &mut SymbolRecord)) {
        for record in &mut self.symbols {
            change(record.name.among(&self.names), record);
        }
    }

    pub(super) fn get(&self, id: RecordId) -> Option<&SymbolRecord> {
        self.symbols.get(id.index())
    }

    /// The name of a symbol; empty if there is no such.
    pub(super) fn name_of(&self, id: RecordId) -> Name<'_> {
        self.get(id)
            .map_or(Name::default(), |record| record.name.among(&self.names))
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
        records.map(|record| (record.name.among(&self.names), record))
    }

    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Drops all symbols from `len` on, which are those added last.
    pub(super) fn truncate(&mut self, len: usize) {
        if let Some(record) = self.symbols.get(len) {
            self.names.truncate(int::usize_from_u32(record.name.start));
            self.symbols.truncate(len);
        }
    }
}
