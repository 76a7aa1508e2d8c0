//! A batch in memory: what was linked together, which goes page by page.

use crate::base::{AddressRange, Alignment, Id, OutOfMemory, TargetAddr};
use crate::memory::MemoryManager;
use crate::session::Module;

use super::definition::Pending;
use super::held::Held;
use super::pages::Pages;
use super::placement::Placement;

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
    /// What was linked, of which nothing is known to be there yet.
    pub(super) const fn new(held: Held<'s, M>) -> Self {
        Self {
            held,
            pages: Pages::none(),
            live: 0,
        }
    }

    /// Notes what came to lie where.
    pub(super) fn note(
        &mut self,
        definitions: &[Pending],
        placement: &Placement,
    ) -> Result<(), OutOfMemory> {
        let page = self.held.page();
        let segments = self.held.module().into_iter().flat_map(Module::segments);
        self.pages = Pages::of(segments.map(|(range, _)| whole_pages(range, page)), page)?;
        for (placed, pending) in placement.definitions.iter().zip(definitions) {
            self.live = self.live.saturating_add(1);
            if let Some(range) = AddressRange::from_size(placed.address, pending.size_bytes())
                && placed.is_own
            {
                self.pages.add(range);
            }
        }
        (placement.tables.iter()).for_each(|range| self.pages.add(*range));
        Ok(())
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
fn whole_pages(range: AddressRange, page: Alignment) -> AddressRange {
    let end = AddressRange::from_size(range.last().align_down(page), page.bytes());
    end.map_or(range, |end| range.hull(end))
}
