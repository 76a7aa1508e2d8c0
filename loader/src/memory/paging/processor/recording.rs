//! A processor for tests: it records what it is told.
#![expect(unsafe_code, reason = "implements a trait that vouches for something")]

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;
use std::vec::Vec;

use crate::base::AddressRange;

use super::Processor;

/// What a processor was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    Publish,
    Invalidate(AddressRange),
    Replace(AddressRange),
    SynchronizeCode(AddressRange),
}

#[derive(Default)]
pub(crate) struct RecordingProcessor {
    events: Mutex<Vec<Event>>,
}

impl RecordingProcessor {
    /// What it was told since the last call.
    pub(crate) fn take_events(&self) -> Vec<Event> {
        core::mem::take(&mut self.events.lock().unwrap())
    }

    fn record(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }
}

// SAFETY: nothing is translated by it.
unsafe impl Processor for RecordingProcessor {
    fn publish_tables(&self) {
        self.record(Event::Publish);
    }

    fn invalidate(&self, pages: AddressRange) {
        self.record(Event::Invalidate(pages));
    }

    unsafe fn replace(&self, entry: &AtomicU64, new: u64, pages: AddressRange) {
        entry.store(new, Ordering::Relaxed);
        self.record(Event::Replace(pages));
    }

    fn synchronize_code(&self, code: AddressRange) {
        self.record(Event::SynchronizeCode(code));
    }

    fn unmaps_to_replace(&self) -> bool {
        true
    }
}
