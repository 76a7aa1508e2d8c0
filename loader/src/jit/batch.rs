//! A batch in memory: what was linked together, which goes page by page.

use crate::base::{AddressRange, Alignment, Id, OutOfMemory, TargetAddr};
use crate::memory::MemoryManager;
use crate::session::Module;

use super::definition::PendingDefinitions;
use super::held::Held;
use super::new_batch::Placement;
use super::pages::Pages;

/// The kind of id that names a batch.
#[derive(Debug)]
pub(super) enum BatchKey {}

/// Names a batch that is in memory; once it is gone, another may have its number.
pub(super) type BatchId = Id<BatchKey>;

/// A batch in memory.
pub(super) struct Batch<'s, M: MemoryManager> {
    pub(super) held: Held<'s, M>,
    pages: Pages,
    /// How many definitions of it are there still.
    pub(super) live: u32,
}

impl<'s, M: MemoryManager> Batch<'s, M> {
    /// What `held` became, of which each page is known to hold what; or why not, and what is to be unloaded.
    pub(super) fn new(
        held: Held<'s, M>,
        placement: &Placement,
        pending: &PendingDefinitions,
    ) -> Result<Self, (Held<'s, M>, OutOfMemory)> {
        let segments = held.module().into_iter().flat_map(Module::segments);
        let mut pages = match Pages::of(segments.map(|(range, _)| whole_pages(range))) {
            Ok(pages) => pages,
            Err(error) => return Err((held, error)),
        };
        let mut live = 0_u32;
        for (&(address, is_own), pending) in placement.addresses.iter().zip(&pending.all) {
            live = live.saturating_add(1);
            if let Some(range) = AddressRange::from_size(address, pending.size_bytes())
                && is_own
            {
                pages.add(range);
            }
        }
        placement.tables.iter().for_each(|range| pages.add(*range));
        Ok(Self { held, pages, live })
    }

    /// Notes that something else stands for what lies there.
    pub(super) fn hold(&mut self, address: TargetAddr, size_bytes: u64) {
        self.live = self.live.saturating_add(1);
        if let Some(range) = AddressRange::from_size(address, size_bytes) {
            self.pages.add(range);
        }
    }

    /// Forgets one of several definitions, and gives back the pages on which nothing lies but what it was: so many bytes at
    /// an address, if they are the batch's.
    ///
    /// # Safety
    /// Nobody uses what lies there any more.
    #[expect(
        unsafe_code,
        reason = "memory that code may still run in is given back"
    )]
    pub(super) unsafe fn forget(&mut self, place: Option<(TargetAddr, u64)>) {
        self.live = self.live.saturating_sub(1);
        let range =
            place.and_then(|(first, size_bytes)| AddressRange::from_size(first, size_bytes));
        if let Some(empty) = range.and_then(|range| self.pages.remove(range))
            && let Some(module) = self.held.module()
        {
            // SAFETY: what lay on these pages is gone, this being the last.
            unsafe { module.release_pages(empty) };
        }
    }
}

/// A segment with all of its last page.
fn whole_pages(range: AddressRange) -> AddressRange {
    let last = range.last().align_down(Alignment::PAGE);
    let end = AddressRange::from_size(last, Alignment::PAGE.bytes());
    end.map_or(range, |end| range.hull(end))
}
