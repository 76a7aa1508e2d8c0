//! A processor for tests that remembers translations for as long as it may, and watches that W^X holds in all that
//! it remembers.
#![expect(unsafe_code, reason = "plays the part of a processor")]

use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::vec::Vec;

use crate::base::{AddressRange, failing_heap};
use crate::memory::paging::simulation::Simulation;
use crate::memory::paging::{Leaf, PageTables, Processor};

/// What the processor was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    Publish,
    Invalidate(AddressRange),
    Replace(AddressRange),
    SynchronizeCode(AddressRange),
}

#[derive(Clone)]
pub(super) struct Watcher {
    shared: Arc<Shared>,
}

struct Shared {
    tables: PageTables<Simulation>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    remembered: Vec<Leaf>,
    events: Vec<Event>,
}

impl Watcher {
    pub(super) fn new(tables: PageTables<Simulation>) -> Self {
        Self {
            shared: Arc::new(Shared {
                tables,
                state: Mutex::default(),
            }),
        }
    }

    /// What it was told since the last call.
    pub(super) fn take_events(&self) -> Vec<Event> {
        core::mem::take(&mut self.shared.state.lock().unwrap().events)
    }

    /// All leaves of the tables as they are now.
    pub(super) fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        let result: Result<(), ()> = self.shared.tables.for_each_leaf(|leaf| {
            leaves.push(leaf);
            Ok(())
        });
        result.unwrap();
        leaves
    }

    /// What is in the tables now may have been used at any time since the last event: it joins what is remembered.
    /// Then W^X must hold, and what is forgotten is forgotten.
    fn observe(&self, event: Event, forgotten: Option<AddressRange>) {
        failing_heap::exempt(|| self.observe_exempt(event, forgotten));
    }

    fn observe_exempt(&self, event: Event, forgotten: Option<AddressRange>) {
        let mut state = self.shared.state.lock().unwrap();
        state.remembered.extend(self.leaves());
        state
            .remembered
            .sort_unstable_by_key(|leaf| leaf.pages.first());
        state.remembered.dedup();
        let mut frames: BTreeMap<u64, (bool, bool)> = BTreeMap::new();
        for leaf in &state.remembered {
            let size_bytes = leaf.pages.last().value() - leaf.pages.first().value() + 1;
            for offset in (0..size_bytes).step_by(4096) {
                let rights = frames.entry(leaf.to.value() + offset).or_default();
                rights.0 |= leaf.rights.is_writable;
                rights.1 |= leaf.rights.is_executable;
                assert!(*rights != (true, true), "W^X broken at {event:?}: {leaf:?}");
            }
        }
        if let Some(forgotten) = forgotten {
            state
                .remembered
                .retain(|leaf| leaf.pages.intersection(forgotten).is_none());
        }
        state.events.push(event);
    }
}

// SAFETY: nothing is translated by it.
unsafe impl Processor for Watcher {
    fn publish_tables(&self) {
        self.observe(Event::Publish, None);
    }

    fn invalidate(&self, pages: AddressRange) {
        self.observe(Event::Invalidate(pages), Some(pages));
    }

    unsafe fn replace(&self, entry: &AtomicU64, new: u64, pages: AddressRange) {
        self.observe(Event::Replace(pages), Some(pages));
        entry.store(new, Ordering::Release);
    }

    fn synchronize_code(&self, code: AddressRange) {
        failing_heap::exempt(|| {
            for leaf in self.leaves() {
                let is_code = leaf.pages.intersection(code).is_some();
                assert!(
                    !(is_code && leaf.rights.is_executable),
                    "{leaf:?} runs too early"
                );
            }
        });
        self.observe(Event::SynchronizeCode(code), None);
    }

    fn unmaps_to_replace(&self) -> bool {
        true
    }
}
