//! The graph's names: which symbol a name that all objects see stands for, and which section groups were taken.

use core::fmt;

use crate::base::{Arena, HashTable, Mark, Name, NameHasher, OutOfMemory};

use super::{Symbol, SymbolId, SymbolKey};

/// A walk over the symbols that were added last, of which those are kept whose names are new.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewSymbols {
    /// The id that the next symbol gets that is kept.
    pub(super) kept: SymbolId,
    /// The next to be looked at.
    pub(super) next: SymbolId,
}

impl NewSymbols {
    pub(super) const fn from(first: SymbolId) -> Self {
        Self {
            kept: first,
            next: first,
        }
    }

    /// Goes on to the next symbol; whether this one is kept, is told.
    pub(super) const fn pass(&mut self, is_kept: bool) {
        self.next = following(self.next);
        if is_kept {
            self.kept = following(self.kept);
        }
    }
}

/// The id that follows. Only after the greatest one does the number wrap; nobody has memory for so many symbols.
const fn following(id: SymbolId) -> SymbolId {
    SymbolId::from_index(id.number().wrapping_add(1))
}

/// Symbols by name. Names are read from the symbols themselves.
#[derive(Default, Debug)]
pub(super) struct Globals {
    symbols: HashTable<SymbolId>,
}

impl Globals {
    pub(super) fn try_reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        self.symbols.try_reserve(additional)
    }

    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    pub(super) fn find(
        &self,
        symbols: &Arena<SymbolKey, Symbol<'_>>,
        name: Name<'_>,
    ) -> Option<SymbolId> {
        let is_it = |&id: &SymbolId| name_of(symbols, id) == name;
        self.symbols.find(Mark::of(name), is_it).copied()
    }

    /// Enters the symbols that a walk has before it, up to the first whose name is in the table already: gives the symbol that the
    /// name stands for. Where others were not kept, those behind them move up: `tell` hears of each which it was, and is.
    ///
    /// A loop of its own: to search a table is mostly to wait for memory, which many searches do together.
    #[inline(never)]
    pub(super) fn enter(
        &mut self,
        symbols: &mut Arena<SymbolKey, Symbol<'_>>,
        walk: &mut NewSymbols,
        tell: &mut dyn FnMut(SymbolId, SymbolId, &Symbol<'_>),
    ) -> Result<Option<SymbolId>, OutOfMemory> {
        let hasher = NameHasher::get();
        // What the loop looks at stays in registers; the walk is told at its end, whatever that is.
        let mut here = *walk;
        let entered = loop {
            let Some(symbol) = symbols.get(here.next) else {
                break Ok(None);
            };
            let is_it = |&id: &SymbolId| name_of(symbols, id) == symbol.name;
            match (self.symbols).enter(Mark::by(hasher, symbol.name), here.kept, is_it) {
                Ok(None) => {}
                known => break known,
            }
            if here.kept != here.next {
                tell(here.next, here.kept, symbol);
                let symbol = *symbol;
                *symbols.at_mut(here.kept) = symbol;
            }
            here.pass(true);
        };
        *walk = here;
        entered
    }

    /// Adds a symbol whose name is not in the table yet.
    pub(super) fn try_insert(
        &mut self,
        symbols: &Arena<SymbolKey, Symbol<'_>>,
        id: SymbolId,
    ) -> Result<(), OutOfMemory> {
        self.symbols.insert(mark_of(symbols, id), id)
    }

    /// Takes a symbol out of the table, if it is there.
    pub(super) fn remove(&mut self, symbols: &Arena<SymbolKey, Symbol<'_>>, id: SymbolId) {
        self.symbols
            .remove(mark_of(symbols, id), |&other| other == id);
    }
}

fn name_of<'a>(symbols: &Arena<SymbolKey, Symbol<'a>>, id: SymbolId) -> Name<'a> {
    symbols
        .get(id)
        .map_or(Name::default(), |symbol| symbol.name)
}

fn mark_of(symbols: &Arena<SymbolKey, Symbol<'_>>, id: SymbolId) -> Mark {
    Mark::of(name_of(symbols, id))
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
        self.names.try_reserve(additional)
    }

    /// The names that were taken, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = Name<'a>> {
        self.names.iter().copied()
    }

    /// Whether a group of this name, which has this mark, was taken here.
    pub(super) fn has(&self, name: Name<'_>, mark: Mark) -> bool {
        let is_it = |taken: &Name<'_>| *taken == name;
        !self.names.is_empty() && self.names.find(mark, is_it).is_some()
    }

    /// Whether `name` was not taken yet, here or elsewhere; it is from now on.
    pub(super) fn take(&mut self, name: Name<'a>) -> Result<bool, OutOfMemory> {
        if self.elsewhere.is_some_and(|is_kept| is_kept(name)) {
            return Ok(false);
        }
        let is_it = |&taken: &Name<'_>| taken == name;
        let known = self.names.enter(Mark::of(name), name, is_it)?;
        Ok(known.is_none())
    }
}

impl fmt::Debug for Groups<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.names()).finish()
    }
}
