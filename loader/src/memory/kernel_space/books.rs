//! What the lock of a space protects: its page tables, its frames, its window; and the order of changes that W^X
//! asks for.
#![expect(unsafe_code, reason = "mapping decides what memory pointers mean")]

use core::convert::Infallible;

use crate::base::{AddressRange, Digest, Protection, TargetAddr};
use crate::memory::layout::{Segment, SegmentLayout};
use crate::memory::paging::{
    Alias, Attributes, Flush, FrameSource, Leaf, MemoryKind, PageTables, PagingError,
    PhysicalAccess, Processor,
};
use crate::memory::window::{TakenGap, Window};
use crate::memory::{MemoryError, Reach};

use super::statistics::{Counted, KernelSpaceStatistics};

/// Which segments are sealed: code is, before the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Data,
}

impl Kind {
    const fn of(segment: &Segment) -> Self {
        match segment.is_code() {
            true => Self::Code,
            false => Self::Data,
        }
    }
}

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
                self.release(gap.range, &layout.segments, start, processor);
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
            self.prepare_aliases(pages, processor)?;
        }
        Ok(())
    }

    /// Applies the protections of these segments, or of the code among them, or of all others. Nothing of them is writable,
    /// here or through an alias, once anything is executable.
    #[inline(never)]
    pub(super) fn finalize(
        &mut self,
        segments: &[Segment],
        only: Option<Kind>,
        gap: TargetAddr,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let pages_with = |protection| {
            let segments = segments.iter().filter(move |segment| {
                segment.protection == protection
                    && only.is_none_or(|kind| kind == Kind::of(segment))
            });
            segments.filter_map(move |segment| segment.pages(gap))
        };
        let (mut owed, mut owed_for_aliases) = (Flush::nothing(), Flush::nothing());
        let mut read_only = pages_with(Protection::Read).chain(pages_with(Protection::ReadExecute));
        let result =
            read_only.try_for_each(|pages| self.protect(pages, Protection::Read, &mut owed));
        for pages in pages_with(Protection::ReadExecute) {
            owed_for_aliases.add(self.seal_aliases(pages));
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

    /// Unmaps all of `range`, restores the aliases of the frames behind the code in it, and gives all back. Does what is
    /// left to do, however far a reservation came.
    #[inline(never)]
    pub(super) fn release(
        &mut self,
        range: AddressRange,
        segments: &[Segment],
        gap: TargetAddr,
        processor: &impl Processor,
    ) {
        // SAFETY: the pages' owner is gone, or gave them up; nobody else uses them.
        let Ok(unmapped) = (unsafe { self.tables.unmap(range) }) else {
            debug_assert!(
                false,
                "a reservation is mapped by a leaf that reaches past it"
            );
            return;
        };
        let parked = unmapped.pay(processor);
        for segment in segments.iter().filter(|segment| segment.is_code()) {
            let pages = segment.pages(gap);
            if let Some(pages) = pages.and_then(|pages| pages.intersection(range)) {
                self.restore_aliases(pages, processor);
            }
        }
        // SAFETY: the pages were mapped here to frames of this source; no processor knows them any more, and their
        // aliases are writable again.
        unsafe {
            self.tables.reclaim_with_pages(parked, &mut self.frames);
        };
    }

    fn prepare_aliases(
        &mut self,
        pages: AddressRange,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let mut rest = Some(pages);
        while let Some(alias) = self.next_alias(&mut rest) {
            // SAFETY: `KernelSpace::new` was promised that the direct map may be split.
            unsafe {
                self.tables
                    .prepare_to_seal(alias, &mut self.frames, processor)
            }?;
        }
        Ok(())
    }

    fn seal_aliases(&mut self, pages: AddressRange) -> Flush {
        let (mut rest, mut owed) = (Some(pages), Flush::nothing());
        while let Some(alias) = self.next_alias(&mut rest) {
            // SAFETY: the frames are the segment's alone, and their content is complete.
            owed.add(unsafe { self.tables.seal(alias) });
        }
        owed
    }

    fn restore_aliases(&mut self, pages: AddressRange, processor: &impl Processor) {
        let (mut rest, mut owed) = (Some(pages), Flush::nothing());
        while let Some(alias) = self.next_alias(&mut rest) {
            // SAFETY: the pages are unmapped and flushed, so that the frames are executable nowhere.
            owed.add(unsafe { self.tables.unseal(alias) });
        }
        owed.pay(processor);
        let mut rest = Some(pages);
        while let Some(alias) = self.next_alias(&mut rest) {
            // SAFETY: `KernelSpace::new` was promised that the direct map may be split and joined.
            unsafe { self.tables.join(alias, &mut self.frames, processor) };
        }
    }

    /// Where the direct map shows the next frames behind the pages of `rest`, of which it leaves what comes after.
    fn next_alias(&self, rest: &mut Option<AddressRange>) -> Option<AddressRange> {
        let pages = rest.take()?;
        let Alias { pages: done, alias } = self.tables.next_alias(pages)?;
        let next = done.last().checked_add(1);
        *rest = next.and_then(|next| AddressRange::new(next, pages.last()));
        Some(alias)
    }

    /// A digest of what is mapped where, and which addresses of the window are free.
    pub(super) fn digest(&self) -> Digest {
        let mut digest = Digest::new();
        let leaves = self.tables.for_each_leaf(|leaf| {
            let Leaf {
                pages,
                to,
                rights,
                memory,
            } = leaf;
            let flags = [
                rights.is_writable,
                rights.is_executable,
                memory == MemoryKind::Device,
            ];
            let flags = flags
                .into_iter()
                .fold(0, |bits, flag| bits << 1 | u64::from(flag));
            for number in [
                pages.first().value(),
                pages.last().value(),
                to.value(),
                flags,
            ] {
                digest.add(number);
            }
            Ok::<(), Infallible>(())
        });
        let Ok(()) = leaves;
        for gap in self.window.gaps() {
            digest.add_part(Digest::of([gap.first().value(), gap.last().value()]));
        }
        digest
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
