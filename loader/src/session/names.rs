//! A dylib's table of names: who defines what, found by hash.
//!
//! Every definition has its entry, also one that does not count while another does: so that a module's names can be withdrawn
//! each in one step, and what they stood before is found again. Those of one name stand close together, and others are searched
//! for past them: a name that thousands of modules define, which weak ones alone may be, makes its neighbours slower.

use alloc::vec::Vec;

use crate::base::{HashTable, Mark, Name, OutOfMemory, Text, fallible, int};
use crate::graph::{Linkage, ObjectId};

use super::LoadError;
use super::id::ModuleSlot;
use super::record::Stage;
use super::slots::ModuleSlots;
use super::symbols::{AbsoluteSymbol, RecordId, SymbolRecord, SymbolSet, Visibility};

/// Who defines a name.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Owner {
    /// The dylib itself, by an absolute symbol.
    #[default]
    Absolute,
    /// The module in this slot.
    Module(ModuleSlot),
}

/// A definition of a name.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Entry {
    owner: Owner,
    /// Which of the owner's symbols.
    symbol: RecordId,
}

/// The names of a dylib.
#[derive(Debug)]
pub(super) struct Names {
    /// The dylib's own name, which errors show for its absolute symbols.
    dylib: Vec<u8>,
    absolutes: SymbolSet,
    table: HashTable<Entry>,
    has_protected: bool,
    /// How many definitions were ever entered.
    entered: u64,
}

/// A definition that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'s> {
    pub(super) owner: Owner,
    pub(super) symbol: &'s SymbolRecord,
    /// Whether others may use it already: its module is there for good.
    pub(super) is_ready: bool,
    /// The number of its module's load; 0 of an absolute symbol.
    serial: u64,
}

impl Names {
    pub(super) fn new(dylib: &str) -> Result<Self, OutOfMemory> {
        Ok(Self {
            dylib: fallible::copy_of(dylib.as_bytes())?,
            ..Self::of_main()
        })
    }

    pub(super) const fn of_main() -> Self {
        Self {
            dylib: Vec::new(),
            absolutes: SymbolSet::new(),
            table: HashTable::new(),
            has_protected: false,
            entered: 0,
        }
    }

    /// The name of the dylib.
    pub(super) fn dylib_name(&self) -> Name<'_> {
        match self.dylib.is_empty() {
            true => Name::from("main"),
            false => Name::new(&self.dylib),
        }
    }

    /// How many definitions there are.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// A number that grows whenever a definition comes.
    pub(super) const fn entered(&self) -> u64 {
        self.entered
    }

    /// All definitions, in no order.
    pub(super) fn iter<'s, F>(
        &'s self,
        modules: &'s ModuleSlots<F>,
    ) -> impl Iterator<Item = (Owner, Name<'s>, &'s SymbolRecord)> {
        self.table.iter().filter_map(|&Entry { owner, symbol }| {
            let symbols = symbols_of(&self.absolutes, modules, owner)?;
            Some((owner, symbols.name_of(symbol), symbols.get(symbol)?))
        })
    }

    /// Whether some names must not be defined again, wherever they are linked against this dylib.
    pub(super) const fn has_protected(&self) -> bool {
        self.has_protected
    }

    /// All definitions of a name.
    fn all<'s, F>(
        &'s self,
        modules: &'s ModuleSlots<F>,
        name: Name<'_>,
    ) -> impl Iterator<Item = Found<'s>> {
        let entries = self.table.iter_marked(Mark::of(name));
        entries.filter_map(move |&Entry { owner, symbol }| {
            let symbols = symbols_of(&self.absolutes, modules, owner)?;
            if symbols.name_of(symbol) != name {
                return None;
            }
            let module = match owner {
                Owner::Absolute => None,
                Owner::Module(slot) => modules.get(slot),
            };
            Some(Found {
                owner,
                symbol: symbols.get(symbol)?,
                is_ready: module.is_none_or(|module| module.stage == Stage::Ready),
                serial: module.map_or(0, |module| module.serial),
            })
        })
    }

    /// The definition of a name that counts, of those that `is_meant` takes: a strong one, else the oldest.
    pub(super) fn find<'s, F>(
        &'s self,
        modules: &'s ModuleSlots<F>,
        name: Name<'_>,
        is_meant: impl Fn(&Found<'s>) -> bool,
    ) -> Option<Found<'s>> {
        self.all(modules, name)
            .filter(is_meant)
            .min_by_key(|found| (found.symbol.linkage == Linkage::Weak, found.serial))
    }

    /// Whether a section group of this name is kept by a module that is there for good.
    pub(super) fn has_group<F>(&self, modules: &ModuleSlots<F>, name: Name<'_>) -> bool {
        !self.table.is_empty()
            && self
                .all(modules, name)
                .any(|found| found.symbol.is_group && found.is_ready)
    }

    /// How errors call who defines what was found.
    pub(super) fn definer_of<F>(&self, modules: &ModuleSlots<F>, found: &Found<'_>) -> Text<120> {
        match found.owner {
            Owner::Absolute => Text::of(self.dylib_name()),
            Owner::Module(slot) => modules
                .get(slot)
                .map_or(Text::new(), |module| module.definer_of(found.symbol)),
        }
    }

    /// Adds absolute symbols, all or none.
    pub(super) fn define<F>(
        &mut self,
        modules: &ModuleSlots<F>,
        rows: &[AbsoluteSymbol<'_>],
    ) -> Result<(), LoadError> {
        let first = self.absolutes.len();
        let defined = self.define_each(modules, rows);
        if defined.is_err() {
            for symbol in self.absolutes.ids().skip(first) {
                self.withdraw(modules, Owner::Absolute, symbol);
            }
            self.absolutes.truncate(first);
            return defined;
        }
        self.has_protected |= rows.iter().any(|row| row.is_protected);
        Ok(())
    }

    fn define_each<F>(
        &mut self,
        modules: &ModuleSlots<F>,
        rows: &[AbsoluteSymbol<'_>],
    ) -> Result<(), LoadError> {
        let name_bytes = rows
            .iter()
            .fold(0_usize, |sum, row| sum.saturating_add(row.name.len()));
        self.absolutes.try_reserve(rows.len(), name_bytes)?;
        self.table.try_reserve(rows.len())?;
        for row in rows {
            let name = Name::from(row.name);
            if name.is_empty() {
                return Err(LoadError::Unnamed {
                    address: row.address,
                });
            }
            if row.linkage == Linkage::Strong {
                self.check_unique(modules, name, || Text::of(self.dylib_name()))?;
            }
            let symbol = self.absolutes.try_push(name, |name| SymbolRecord {
                name,
                address: row.address,
                size_bytes: row.size_bytes,
                object: ObjectId::from_index(0),
                kind: row.kind,
                linkage: row.linkage,
                visibility: Visibility::Exported,
                is_protected: row.is_protected,
                is_group: false,
            })?;
            self.publish(modules, Owner::Absolute, symbol)?;
        }
        Ok(())
    }

    /// Refuses a second strong definition of a name, which `second` has.
    ///
    /// # Errors
    /// There is a first one, be it of a module that is still being loaded.
    pub(super) fn check_unique<F>(
        &self,
        modules: &ModuleSlots<F>,
        name: Name<'_>,
        second: impl FnOnce() -> Text<120>,
    ) -> Result<(), LoadError> {
        let is_strong = |found: &Found<'_>| found.symbol.linkage == Linkage::Strong;
        self.refuse(modules, name, is_strong, second)
    }

    /// Refuses a name that no module may define, as `second` does.
    pub(super) fn check_protected<F>(
        &self,
        modules: &ModuleSlots<F>,
        name: Name<'_>,
        second: impl FnOnce() -> Text<120>,
    ) -> Result<(), LoadError> {
        let is_protected = |found: &Found<'_>| found.symbol.is_protected;
        self.refuse(modules, name, is_protected, second)
    }

    /// Refuses to let `second` define a name of which there is a definition that stands against it.
    fn refuse<'s, F>(
        &'s self,
        modules: &'s ModuleSlots<F>,
        name: Name<'_>,
        stands_against: impl Fn(&Found<'s>) -> bool,
        second: impl FnOnce() -> Text<120>,
    ) -> Result<(), LoadError> {
        match self.find(modules, name, stands_against) {
            None => Ok(()),
            Some(first) => Err(LoadError::Duplicate {
                symbol: Text::of(name),
                first: self.definer_of(modules, &first),
                second: second(),
            }),
        }
    }

    /// Enters all definitions of a module. A function of its own, so that what it looks at for each stays in registers.
    ///
    /// # Errors
    /// The heap has no room; none is entered then.
    #[inline(never)]
    pub(super) fn publish_all(
        &mut self,
        slot: ModuleSlot,
        symbols: &SymbolSet,
    ) -> Result<(), OutOfMemory> {
        let owner = Owner::Module(slot);
        let entries = symbols.records();
        let entries = entries.map(|(symbol, record)| (record.name.mark, Entry { owner, symbol }));
        self.table.insert_all(symbols.len(), entries)?;
        let count = int::from_usize(symbols.len());
        self.entered = self.entered.saturating_add(count);
        Ok(())
    }

    /// Enters a definition, if its owner has it.
    ///
    /// # Errors
    /// The heap has no room.
    pub(super) fn publish<F>(
        &mut self,
        modules: &ModuleSlots<F>,
        owner: Owner,
        symbol: RecordId,
    ) -> Result<(), OutOfMemory> {
        let record = symbols_of(&self.absolutes, modules, owner).and_then(|all| all.get(symbol));
        if let Some(record) = record {
            self.table
                .insert(record.name.mark, Entry { owner, symbol })?;
            self.entered = self.entered.saturating_add(1);
        }
        Ok(())
    }

    /// Takes a definition back. Without names, no memory is held for them.
    pub(super) fn withdraw<F>(&mut self, modules: &ModuleSlots<F>, owner: Owner, symbol: RecordId) {
        let record = symbols_of(&self.absolutes, modules, owner).and_then(|all| all.get(symbol));
        if let Some(record) = record {
            let entry = Entry { owner, symbol };
            self.table.remove(record.name.mark, |known| *known == entry);
        }
        if self.table.is_empty() {
            self.table = HashTable::new();
        }
    }

    /// Takes an owner's definition of a name back; says whether there was one.
    pub(super) fn withdraw_name<F>(
        &mut self,
        modules: &ModuleSlots<F>,
        owner: Owner,
        name: Name<'_>,
    ) -> bool {
        let is_it = |entry: &Entry| {
            entry.owner == owner
                && symbols_of(&self.absolutes, modules, owner)
                    .is_some_and(|symbols| symbols.name_of(entry.symbol) == name)
        };
        let entry = self.table.find(Mark::of(name), is_it).copied();
        if let Some(entry) = entry {
            self.withdraw(modules, owner, entry.symbol);
        }
        entry.is_some()
    }
}

fn symbols_of<'s, F>(
    absolutes: &'s SymbolSet,
    modules: &'s ModuleSlots<F>,
    owner: Owner,
) -> Option<&'s SymbolSet> {
    match owner {
        Owner::Absolute => Some(absolutes),
        Owner::Module(slot) => modules.get(slot).map(|module| module.symbols()),
    }
}
