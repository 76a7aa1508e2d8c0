//! Dylibs: tables of names that modules are linked against.

use alloc::vec::Vec;

use hashbrown::HashTable;

use crate::base::{Name, OutOfMemory, Text, fallible, hash_name, int};
use crate::graph::Linkage;
use crate::memory::MemoryManager;

use super::module::ModuleSlots;
use super::symbols::{AbsoluteSymbol, NewSymbol, SymbolRecord, SymbolSet};
use super::{Input, LoadError, Module, Session};

/// A handle to a dylib of a session.
#[derive(Debug)]
pub struct Dylib<'session, M: MemoryManager> {
    pub(super) session: &'session Session<M>,
    pub(super) place: usize,
}

impl<'session, M: MemoryManager> Dylib<'session, M> {
    /// Defines absolute symbols: what a program exports to the modules that it loads.
    ///
    /// # Errors
    /// A name is defined twice, or missing; nothing is defined then.
    pub fn define(&self, rows: &[AbsoluteSymbol<'_>]) -> Result<(), LoadError> {
        self.session.define(self.place, rows)
    }

    /// Loads objects and archives into this dylib as one module; see [`Session::load_all`].
    ///
    /// # Safety
    /// As of [`Session::load_all`].
    ///
    /// # Errors
    /// As of [`Session::load_all`].
    #[expect(unsafe_code, reason = "loading runs foreign code")]
    pub unsafe fn load_all(
        &self,
        name: &str,
        inputs: &[Input<'_>],
    ) -> Result<Module<'session, M>, LoadError> {
        // SAFETY: the caller answers for the same.
        unsafe { self.session.load_into(self.place, name, inputs) }
    }
}

/// Who defines an exported name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    /// The dylib itself, by an absolute symbol.
    Absolute,
    /// The module in this slot.
    Module(u32),
}

/// A name that a dylib defines.
#[derive(Clone, Copy, Debug)]
struct Export {
    owner: Owner,
    /// The place among the owner's symbols.
    symbol: u32,
}

/// A dylib's tables.
#[derive(Debug)]
pub(super) struct DylibRecord {
    name: Vec<u8>,
    absolutes: SymbolSet,
    exports: HashTable<Export>,
}

impl DylibRecord {
    pub(super) const fn unnamed() -> Self {
        Self {
            name: Vec::new(),
            absolutes: SymbolSet::new(),
            exports: HashTable::new(),
        }
    }

    pub(super) fn new(name: &str) -> Result<Self, OutOfMemory> {
        Ok(Self {
            name: fallible::copy_of(name.as_bytes())?,
            ..Self::unnamed()
        })
    }

    pub(super) fn symbol_count(&self) -> usize {
        self.exports.len()
    }

    /// The symbol of this name, and who defines it.
    pub(super) fn find<'s, F>(
        &'s self,
        modules: &'s ModuleSlots<F>,
        name: Name<'_>,
    ) -> Option<(Owner, &'s SymbolRecord)> {
        let export = self.exports.find(hash_name(name), |export| {
            self.name_of(modules, export) == name
        })?;
        let symbols = self.symbols_of(modules, export.owner)?;
        Some((export.owner, symbols.get(export.symbol)?))
    }

    /// How errors call an owner.
    pub(super) fn owner_name<F>(&self, modules: &ModuleSlots<F>, owner: Owner) -> Text<64> {
        match owner {
            Owner::Absolute => Text::of(Name::new(&self.name)),
            Owner::Module(slot) => modules
                .get(slot)
                .map_or(Text::new(), |module| Text::of(module.name())),
        }
    }

    /// Adds absolute symbols, all or none.
    pub(super) fn define<F>(
        &mut self,
        modules: &ModuleSlots<F>,
        rows: &[AbsoluteSymbol<'_>],
    ) -> Result<(), LoadError> {
        let first = self.absolutes.len();
        let recorded = self.record(modules, rows);
        if recorded.is_err() {
            self.absolutes.truncate(first);
            return recorded;
        }
        for place in first..self.absolutes.len() {
            self.publish(
                modules,
                Owner::Absolute,
                int::low_u32(int::from_usize(place)),
            );
        }
        Ok(())
    }

    /// Records absolute symbols that count, and makes room for their export.
    fn record<F>(
        &mut self,
        modules: &ModuleSlots<F>,
        rows: &[AbsoluteSymbol<'_>],
    ) -> Result<(), LoadError> {
        let name_bytes = rows
            .iter()
            .fold(0_usize, |sum, row| sum.saturating_add(row.name.len()));
        self.absolutes
            .try_reserve(rows.len(), rows.len(), name_bytes)?;
        self.reserve_exports(modules, rows.len())?;
        for row in rows {
            let name = Name::from(row.name);
            if name.is_empty() {
                return Err(LoadError::Unnamed {
                    address: row.address,
                });
            }
            let second = Name::new(&self.name);
            // Rows of the same call are recorded, but not published yet.
            let known = self
                .absolutes
                .find(name)
                .map(|known| (Owner::Absolute, known));
            let known = known.or_else(|| self.find(modules, name));
            if self.counts(modules, known, name, row.linkage, second)? {
                self.absolutes.try_push(NewSymbol {
                    name,
                    address: row.address,
                    size_bytes: row.size_bytes,
                    kind: row.kind,
                    linkage: row.linkage,
                    is_exported: true,
                    is_protected: row.is_protected,
                })?;
            }
        }
        Ok(())
    }

    /// Whether a new definition of `name` by `second` counts: there is none yet, or only a weak one.
    ///
    /// # Errors
    /// Both are strong.
    pub(super) fn counts<F>(
        &self,
        modules: &ModuleSlots<F>,
        known: Option<(Owner, &SymbolRecord)>,
        name: Name<'_>,
        linkage: Linkage,
        second: Name<'_>,
    ) -> Result<bool, LoadError> {
        let Some((owner, known)) = known else {
            return Ok(true);
        };
        match (known.linkage, linkage) {
            (Linkage::Strong, Linkage::Strong) => Err(LoadError::Duplicate {
                symbol: Text::of(name),
                first: self.owner_name(modules, owner),
                second: Text::of(second),
            }),
            (Linkage::Weak, Linkage::Strong) => Ok(true),
            (_, Linkage::Weak) => Ok(false),
        }
    }

    /// Makes room for so many more exports.
    pub(super) fn reserve_exports<F>(
        &mut self,
        modules: &ModuleSlots<F>,
        additional: usize,
    ) -> Result<(), OutOfMemory> {
        let Self {
            absolutes, exports, ..
        } = self;
        exports
            .try_reserve(additional, |export| {
                hash_name(name_in(absolutes, modules, export))
            })
            .map_err(|_| OutOfMemory)
    }

    /// Exports a symbol of `owner`, for which there is room, unless a definition is there that a weak one doesn't replace.
    /// Whoever was linked to a weak definition that is replaced stays linked to it.
    pub(super) fn publish<F>(&mut self, modules: &ModuleSlots<F>, owner: Owner, symbol: u32) {
        let Self {
            absolutes, exports, ..
        } = self;
        let new = Export { owner, symbol };
        let name = name_in(absolutes, modules, &new);
        let linkage = |export: &Export| {
            let symbols = symbols_in(absolutes, modules, export.owner);
            symbols
                .and_then(|symbols| symbols.get(export.symbol))
                .map(|record| record.linkage)
        };
        let hash_of = |export: &Export| hash_name(name_in(absolutes, modules, export));
        let is_it = |export: &Export| name_in(absolutes, modules, export) == name;
        match exports.find_mut(hash_name(name), is_it) {
            Some(known) if linkage(&new) == Some(Linkage::Strong) => *known = new,
            Some(_) => {}
            None => {
                exports.insert_unique(hash_name(name), new, hash_of);
            }
        }
    }

    /// Takes back what a module exported. A name that another owner defines too, weakly, is found there from now on.
    pub(super) fn withdraw<F>(&mut self, modules: &ModuleSlots<F>, slot: u32, dylib: usize) {
        let Self {
            absolutes, exports, ..
        } = self;
        let owner = Owner::Module(slot);
        let Some(symbols) = symbols_in(absolutes, modules, owner) else {
            return;
        };
        for (place, _) in symbols.iter() {
            let name = symbols.name_at(place);
            let is_it = |export: &Export| export.owner == owner && export.symbol == place;
            let Ok(entry) = exports.find_entry(hash_name(name), is_it) else {
                continue;
            };
            let absolute = absolutes
                .find_place(name)
                .map(|place| (Owner::Absolute, place));
            let mut others = modules
                .slots()
                .filter(|(other, module)| *other != slot && module.dylib == dylib)
                .filter_map(|(other, module)| {
                    let place = module.symbols().find_place(name)?;
                    Some((Owner::Module(other), place))
                });
            match absolute.or_else(|| others.next()) {
                // In place: neither hash nor count change.
                Some((owner, symbol)) => *entry.into_mut() = Export { owner, symbol },
                None => drop(entry.remove()),
            }
        }
    }

    fn symbols_of<'s, F>(
        &'s self,
        modules: &'s ModuleSlots<F>,
        owner: Owner,
    ) -> Option<&'s SymbolSet> {
        symbols_in(&self.absolutes, modules, owner)
    }

    fn name_of<'s, F>(&'s self, modules: &'s ModuleSlots<F>, export: &Export) -> Name<'s> {
        name_in(&self.absolutes, modules, export)
    }
}

fn symbols_in<'s, F>(
    absolutes: &'s SymbolSet,
    modules: &'s ModuleSlots<F>,
    owner: Owner,
) -> Option<&'s SymbolSet> {
    match owner {
        Owner::Absolute => Some(absolutes),
        Owner::Module(slot) => modules.get(slot).map(|module| module.symbols()),
    }
}

fn name_in<'s, F>(
    absolutes: &'s SymbolSet,
    modules: &'s ModuleSlots<F>,
    export: &Export,
) -> Name<'s> {
    symbols_in(absolutes, modules, export.owner)
        .map_or(Name::default(), |symbols| symbols.name_at(export.symbol))
}
