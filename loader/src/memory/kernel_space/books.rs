//! What the lock of a space protects: its page tables, its frames, its window; and the order of changes that W^X
//! asks for.
#![expect(unsafe_code, reason = "mapping decides what memory pointers mean")]

use crate::base::{AddressRange, Alignment, Protection, TargetAddr};
use crate::memory::layout::{LARGEST_ALIGNMENT, Segment, SegmentLayout};
use crate::memory::paging::{
    Attributes, Flush, FrameSource, PAGE_SIZE_BYTES, PageTables, PagingError, PhysicalAccess,
    Processor,
};
use crate::memory::window::{TakenGap, Window};
use crate::memory::{MemoryError, Reach};

use super::statistics::{Counted, KernelSpaceStatistics};

/// The books of a space.
#[derive(Debug)]
pub(super) struct Books<F, A> {
    pub(super) frames: Counted<F>,
    pub(super) tables: PageTables<A>,
    pub(super) window: Window,
    pub(super) reservations: u64,
}

impl<F: FrameSource, A: PhysicalAccess> Books<F, A> {
    /// Maps all segments somewhere in reach: zeroed, writable, not executable. All or nothing.
    pub(super) fn reserve(
        &mut self,
        layout: &SegmentLayout,
        reach: Reach,
        processor: &impl Processor,
    ) -> Result<TakenGap, MemoryError> {
        let gap = self
            .window
            .take(layout.gap_bytes, layout.alignment, reach)?;
        self.reservations = self.reservations.wrapping_add(1);
        let start = gap.range.first();
        if let Err(error) = self.tables.check_unmapped(gap.range) {
            self.give_back(gap);
            return Err(error.into());
        }
        let mut segments = layout.segments.iter();
        match segments.try_for_each(|segment| self.map(segment, start, processor)) {
            Ok(()) => Ok(gap),
            Err(error) => {
                for segment in &layout.segments {
                    self.release(segment, start, processor);
                }
                self.give_back(gap);
                Err(error.into())
            }
        }
    }

    /// Takes back the addresses of a reservation, once its segments are released.
    pub(super) fn give_back(&mut self, gap: TakenGap) {
        self.window.give_back(gap);
        self.reservations = self.reservations.wrapping_sub(1);
    }

    fn map(
        &mut self,
        segment: &Segment,
        gap: TargetAddr,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let Some(pages) = segment.pages(gap) else {
            return Ok(());
        };
        let attributes = Attributes::normal(Protection::ReadWrite);
        // SAFETY: the addresses were taken from the window, which is the space's alone.
        unsafe { self.tables.map_new(pages, attributes, &mut self.frames) }?.pay(processor);
        if segment.protection.is_executable() {
            for page in pages_of(pages) {
                self.prepare_alias(page, processor)?;
            }
        }
        Ok(())
    }

    /// Applies the protections of all segments. Nothing is writable, here or through an alias, once anything is
    /// executable.
    pub(super) fn finalize(
        &mut self,
        segments: &[Segment],
        gap: TargetAddr,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let pages_with = |protection| {
            let of_protection = move |segment: &&Segment| segment.protection == protection;
            let segments = segments.iter().filter(of_protection);
            segments.filter_map(move |segment| segment.pages(gap))
        };
        let (mut owed, mut owed_for_aliases) = (Flush::nothing(), Flush::nothing());
        let mut read_only = pages_with(Protection::Read).chain(pages_with(Protection::ReadExecute));
        let result =
            read_only.try_for_each(|pages| self.protect(pages, Protection::Read, &mut owed));
        for pages in pages_with(Protection::ReadExecute) {
            for page in pages_of(pages) {
                owed_for_aliases.add(self.seal_alias(page));
            }
        }
        owed.pay(processor);
        owed_for_aliases.pay(processor);
        result?;

        pages_with(Protection::ReadExecute).for_each(|pages| processor.synchronize_code(pages));
        let mut owed = Flush::nothing();
        let result = pages_with(Protection::ReadExecute)
            .try_for_each(|pages| self.protect(pages, Protection::ReadExecute, &mut owed));
        owed.pay(processor);
        result
    }

    fn protect(
        &mut self,
        pages: AddressRange,
        protection: Protection,
        owed: &mut Flush,
    ) -> Result<(), PagingError> {
        // SAFETY: the segment's owner is being finalized; nobody else uses its pages.
        owed.add(unsafe { self.tables.protect(pages, protection) }?);
        Ok(())
    }

    /// Unmaps a segment, restores the aliases of its frames, and gives all back. Does what is left to do, however
    /// far a reservation came.
    pub(super) fn release(
        &mut self,
        segment: &Segment,
        gap: TargetAddr,
        processor: &impl Processor,
    ) {
        let Some(pages) = segment.pages(gap) else {
            return;
        };
        // SAFETY: the segment's owner is gone, or gave it up; nobody else uses its pages.
        let Ok(unmapped) = (unsafe { self.tables.unmap(pages) }) else {
            debug_assert!(false, "a segment is mapped by a leaf that reaches past it");
            return;
        };
        let parked = unmapped.pay(processor);
        if segment.protection.is_executable() {
            self.restore_aliases(pages, processor);
        }
        // SAFETY: the pages were mapped here to frames of this source; no processor knows them any more, and their
        // aliases are writable again.
        unsafe { self.tables.reclaim_with_pages(parked, &mut self.frames) };
    }

    /// The address at which the direct map shows the frame behind a page of the window.
    fn alias(&self, page: TargetAddr) -> Option<TargetAddr> {
        let frame = self.tables.page_frame(page)?;
        self.tables.access().alias(frame)
    }

    fn prepare_alias(
        &mut self,
        page: TargetAddr,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        match self.alias(page) {
            // SAFETY: `KernelSpace::new` was promised that the direct map may be split.
            Some(alias) => unsafe {
                self.tables
                    .prepare_to_seal(alias, &mut self.frames, processor)
            },
            None => Ok(()),
        }
    }

    fn seal_alias(&mut self, page: TargetAddr) -> Flush {
        match self.alias(page) {
            // SAFETY: the frame is the segment's alone, and its content is complete.
            Some(alias) => unsafe { self.tables.seal(alias) },
            None => Flush::nothing(),
        }
    }

    fn restore_aliases(&mut self, pages: AddressRange, processor: &impl Processor) {
        let mut owed = Flush::nothing();
        for page in pages_of(pages) {
            if let Some(alias) = self.alias(page) {
                // SAFETY: the pages are unmapped and flushed, so that the frame is executable nowhere.
                owed.add(unsafe { self.tables.unseal(alias) });
            }
        }
        owed.pay(processor);
        let mut joined = None;
        for page in pages_of(pages) {
            let Some(alias) = self.alias(page) else {
                continue;
            };
            // Frames mostly follow each other; a large leaf is then tried once, not once for each page.
            let large = alias.align_down(LARGEST_ALIGNMENT);
            if joined.replace(large) != Some(large) {
                // SAFETY: `KernelSpace::new` was promised that the direct map may be split and joined.
                unsafe { self.tables.join(alias, &mut self.frames, processor) };
            }
        }
    }

    pub(super) fn statistics(&self) -> KernelSpaceStatistics {
        KernelSpaceStatistics {
            page_frames: self.frames.pages,
            table_frames: self.frames.tables,
            window_bytes: self.window.used_bytes(),
            reservations: self.reservations,
        }
    }
}

/// The first address of each page.
fn pages_of(range: AddressRange) -> impl Iterator<Item = TargetAddr> {
    let first = range.first().align_down(Alignment::PAGE);
    core::iter::successors(Some(first), |page| page.checked_add(PAGE_SIZE_BYTES))
        .take_while(move |page| *page <= range.last())
}
