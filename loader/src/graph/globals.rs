//! The graph's names: which symbol a name that all objects see stands for, and which section groups were taken.

use core::fmt;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::base::{Arena, Name, OutOfMemory, hash_name};

use super::{Symbol, SymbolId, SymbolKey};

/// Symbols by name. Names are read from the symbols themselves.
#[derive(Default, Debug)]
pub(super) struct Globals {
    symbols: HashTable<SymbolId>,
}

impl Globals {
    pub(super) fn try_reserve(
        &mut self,
        additional: usize,
        symbols: &Arena<SymbolKey, Symbol<'_>>,
    ) -> Result<(), OutOfMemory> {
        self.symbols
            .try_reserve(additional, hasher(symbols))
            .map_err(|_| OutOfMemory)
    }

    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    pub(super) fn find(
        &self,
        symbols: &Arena<SymbolKey, Symbol<'_>>,
        name: Name<'_>,
    ) -> Option<SymbolId> {
        self.symbols
            .find(hash_name(name), |&id| name_of(symbols, id) == name)
            .copied()
    }

    /// The place of a name, which a symbol has already, or may get.
    pub(super) fn entry(
        &mut self,
        symbols: &Arena<SymbolKey, Symbol<'_>>,
        name: Name<'_>,
    ) -> Result<Entry<'_, SymbolId>, OutOfMemory> {
        self.try_reserve(1, symbols)?;
        let is_it = |&id: &SymbolId| name_of(symbols, id) == name;
        Ok(self.symbols.entry(hash_name(name), is_it, hasher(symbols)))
    }

    /// Adds a symbol whose name is not in the table yet.
    pub(super) fn try_insert(
        &mut self,
        symbols: &Arena<SymbolKey, Symbol<'_>>,
        id: SymbolId,
    ) -> Result<(), OutOfMemory> {
        self.try_reserve(1, symbols)?;
        self.symbols
            .insert_unique(hash_of(symbols, id), id, hasher(symbols));
        Ok(())
    }

    /// Takes a symbol out of the table, if it is there.
    pub(super) fn remove(&mut self, symbols: &Arena<SymbolKey, Symbol<'_>>, id: SymbolId) {
        let entry = self
            .symbols
            .find_entry(hash_of(symbols, id), |&other| other == id);
        if let Ok(entry) = entry {
            entry.remove();
        }
    }
}

fn name_of<'a>(symbols: &Arena<SymbolKey, Symbol<'a>>, id: SymbolId) -> Name<'a> {
    symbols
        .get(id)
        .map_or(Name::default(), |symbol| symbol.name)
}

fn hash_of(symbols: &Arena<SymbolKey, Symbol<'_>>, id: SymbolId) -> u64 {
    hash_name(name_of(symbols, id))
}

/// How the table's entries are hashed again: one closure for all calls, so that there is one piece of code that makes it grow.
fn hasher<'s, 'a>(
    symbols: &'s Arena<SymbolKey, Symbol<'a>>,
) -> impl Fn(&SymbolId) -> u64 + use<'s, 'a> {
    |&id| hash_of(symbols, id)
}

fn hash_taken(name: &Name<'_>) -> u64 {
    hash_name(*name)
}

/// Names of section groups that were taken: the first of each name counts.
#[derive(Default)]
pub(super) struct Groups<'a> {
    names: HashTable<Name<'a>>,
    /// Whether a group of this name is kept by what was linked before.
    elsewhere: Option<&'a dyn Fn(Name<'_>) -> bool>,
}

impl<'a> Groups<'a> {
    /// No groups of this graph's own yet.
    pub(super) fn with_those_elsewhere(elsewhere: &'a dyn Fn(Name<'_>) -> bool) -> Self {
        Self {
            names: HashTable::new(),
            elsewhere: Some(elsewhere),
        }
    }

    /// Makes room for so many more names.
    pub(super) fn try_reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        let reserved = self.names.try_reserve(additional, hash_taken);
        reserved.map_err(|_| OutOfMemory)
    }

    /// The names that were taken, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = Name<'a>> {
        self.names.iter().copied()
    }

    /// Whether a group of this name was taken here.
    pub(super) fn has(&self, name: Name<'_>) -> bool {
        let is_it = |taken: &Name<'_>| *taken == name;
        !self.names.is_empty() && self.names.find(hash_name(name), is_it).is_some()
    }

    /// Whether `name` was not taken yet, here or elsewhere; it is from now on.
    pub(super) fn take(&mut self, name: Name<'a>) -> Result<bool, OutOfMemory> {
        let hash = hash_name(name);
        if self.names.find(hash, |&taken| taken == name).is_some() {
            return Ok(false);
        }
        if self.elsewhere.is_some_and(|is_kept| is_kept(name)) {
            return Ok(false);
        }
        self.try_reserve(1)?;
        self.names.insert_unique(hash, name, hash_taken);
        Ok(true)
    }
}

impl fmt::Debug for Groups<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.names()).finish()
    }
}
