//! The books of a session: its dylibs and modules, and who defines a name.

use alloc::vec::Vec;

use crate::base::{Name, TargetAddr, Text, int};
use crate::graph::LinkGraph;
use crate::link::Linked;
use crate::pass::Routines;

use super::LoadError;
use super::callers::Callers;
use super::dylib::{DylibRecord, Owner};
use super::module::{ModuleRecord, ModuleSlots, exported_names};
use super::symbols::SymbolRecord;

/// What a session knows of its dylibs and modules.
pub(super) struct Books<F> {
    pub(super) dylibs: Vec<DylibRecord>,
    pub(super) main: DylibRecord,
    pub(super) modules: ModuleSlots<F>,
    pub(super) callers: Callers,
}

impl<F> Books<F> {
    /// Empty books.
    pub(super) const fn new() -> Self {
        Self {
            dylibs: Vec::new(),
            main: DylibRecord::unnamed(),
            modules: ModuleSlots::new(),
            callers: Callers::DIRECT,
        }
    }

    /// Enters a linked module into the books; nothing can fail once its names are published.
    pub(super) fn enter(
        &mut self,
        place: usize,
        name: &str,
        graph: &LinkGraph<'_>,
        linked: Linked<F>,
    ) -> Result<(u32, Routines), LoadError> {
        let mut record = ModuleRecord::new(name, place)?;
        let Linked {
            memory,
            segments,
            routines,
            statistics,
        } = linked;
        record.set_memory(memory, segments, statistics);
        record.record_symbols(graph)?;
        let slot = self.modules.reserve()?;
        let count = record.symbols().len();
        let is_exported = |(_, symbol): &(u32, &SymbolRecord)| symbol.is_exported;
        let exported = record.symbols().iter().filter(is_exported).count();
        let Self {
            main,
            dylibs,
            modules,
            ..
        } = self;
        if let Some(dylib) = dylib_at(main, dylibs, place) {
            dylib.reserve_exports(modules, exported)?;
            modules.put(slot, record);
            for symbol in 0..int::low_u32(int::from_usize(count)) {
                let record = modules
                    .get(slot)
                    .and_then(|module| module.symbols().get(symbol));
                if record.is_some_and(|record| record.is_exported) {
                    dylib.publish(modules, Owner::Module(slot), symbol);
                }
            }
        }
        Ok((slot, routines))
    }

    /// The address of a name, looked for from the dylib at `place` on.
    pub(super) fn find(&self, place: usize, name: Name<'_>) -> Option<TargetAddr> {
        let (_, record) = self
            .search_order(place)
            .find_map(|dylib| dylib.find(&self.modules, name))?;
        Some(record.address)
    }

    /// The dylibs that modules in the dylib at `place` are linked against.
    fn search_order(&self, place: usize) -> impl Iterator<Item = &DylibRecord> {
        let own = place
            .checked_sub(1)
            .map_or(Some(&self.main), |index| self.dylibs.get(index));
        let others = match place.checked_sub(1) {
            None => self.dylibs.as_slice(),
            Some(before) => self.dylibs.get(..before).unwrap_or(&[]),
        };
        own.into_iter().chain(others)
    }

    /// Refuses a graph that defines what must not be defined again.
    pub(super) fn check_exports(
        &self,
        place: usize,
        graph: &LinkGraph<'_>,
    ) -> Result<(), LoadError> {
        let own = place
            .checked_sub(1)
            .map_or(Some(&self.main), |index| self.dylibs.get(index));
        let Some(own) = own else { return Ok(()) };
        for (name, linkage, object) in exported_names(graph) {
            let known = own.find(&self.modules, name);
            own.counts(&self.modules, known, name, linkage, object)?;
            for dylib in self.search_order(place).skip(1) {
                if let Some((owner, record)) = dylib.find(&self.modules, name)
                    && record.is_protected
                {
                    return Err(LoadError::Duplicate {
                        symbol: Text::of(name),
                        first: dylib.owner_name(&self.modules, owner),
                        second: Text::of(object),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The dylib at a place: the main one, or one that was created.
pub(super) fn dylib_at<'b>(
    main: &'b mut DylibRecord,
    dylibs: &'b mut [DylibRecord],
    place: usize,
) -> Option<&'b mut DylibRecord> {
    match place.checked_sub(1) {
        None => Some(main),
        Some(index) => dylibs.get_mut(index),
    }
}
