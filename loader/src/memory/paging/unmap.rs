//! Unmapping ranges of pages, in three steps of which the types keep the order: [`PageTables::unmap`] parks leaves
//! and emptied tables, so that the hardware ignores them but they still tell what they named; [`Unmapped::pay`]
//! makes the processors forget them; [`PageTables::reclaim`] gives the frames back.
#![expect(unsafe_code, reason = "mapping decides what memory pointers mean")]

use core::sync::atomic::Ordering;

use crate::base::AddressRange;

use super::access::{self, PhysicalAccess};
use super::error::PagingError;
use super::flush::Flush;
use super::format::{ENTRIES, Kind};
use super::frame::{Frame, FrameSource, FrameUse};
use super::processor::Processor;
use super::protect::CheckLeaves;
use super::tables::PageTables;
use super::walk::{Slot, Step, Visitor};

/// Pages that are unmapped, but that processors may still use.
#[must_use = "processors may still use the pages; pay, then reclaim"]
#[derive(Debug)]
pub struct Unmapped {
    flush: Flush,
    parked: Parked,
}

impl Unmapped {
    /// Makes all processors forget the pages, and the tables that were emptied.
    pub fn pay(self, processor: &impl Processor) -> Parked {
        self.flush.pay(processor);
        self.parked
    }

    /// The tables aren't in use by any processor.
    pub fn tables_not_in_use(self) -> Parked {
        self.flush.tables_not_in_use();
        self.parked
    }
}

/// Pages that nobody can use any more; their entries still name the frames. See [`PageTables::reclaim`].
#[must_use = "the frames are lost until they are reclaimed"]
#[derive(Debug)]
pub struct Parked {
    range: Option<AddressRange>,
}

impl Drop for Parked {
    fn drop(&mut self) {
        debug_assert!(self.range.is_none(), "unmapped pages were never reclaimed");
    }
}

impl<A: PhysicalAccess> PageTables<A> {
    /// Unmaps all pages of `range` that are mapped, and the tables that become empty but for the roots'.
    ///
    /// # Errors
    /// A leaf reaches past the range. Nothing has changed then.
    ///
    /// # Safety
    /// Nobody uses the range any more.
    pub unsafe fn unmap(&mut self, range: AddressRange) -> Result<Unmapped, PagingError> {
        let range = self.whole_pages(range)?;
        self.walk(
            range,
            &mut CheckLeaves {
                may_be_unmapped: true,
            },
        )?;
        self.walk(range, &mut Park { tables: self })?;
        Ok(Unmapped {
            flush: Flush::invalidation(range),
            parked: Parked { range: Some(range) },
        })
    }

    /// Gives back the tables that were emptied. What was mapped belongs to the caller, as far as it isn't known
    /// already.
    ///
    /// # Safety
    /// The pages were unmapped from these tables, the tables' frames came from `frames`.
    pub unsafe fn reclaim<F: FrameSource>(&mut self, mut parked: Parked, frames: &mut F) {
        if let Some(range) = parked.range.take() {
            let page = |_: &mut F, _| {};
            let _ = self.walk(range, &mut Reclaim { frames, page });
        }
    }

    /// Gives back the tables that were emptied and, zeroed, the frames of all pages of 4 KiB.
    ///
    /// # Safety
    /// The pages were unmapped from these tables; their frames and the tables' came from `frames`, nobody uses
    /// them, and their aliases are writable.
    pub unsafe fn reclaim_with_pages<F: FrameSource>(
        &mut self,
        mut parked: Parked,
        frames: &mut F,
    ) {
        let access = &self.access;
        if let Some(range) = parked.range.take() {
            let page = |frames: &mut F, frame| give_back_page(access, frames, frame);
            let _ = self.walk(range, &mut Reclaim { frames, page });
        }
    }

    /// Whether nothing of the table is in use but what the walk is about, and that is parked.
    fn is_abandoned(&self, slot: &Slot<'_>, table: Frame) -> bool {
        (0..ENTRIES).all(|index| {
            let entry = self.entry(table, index).load(Ordering::Acquire);
            entry == 0 || (entry & self.format.present == 0 && slot.wants_below(index))
        })
    }
}

fn give_back_page(access: &impl PhysicalAccess, frames: &mut impl FrameSource, frame: Frame) {
    // SAFETY: who reclaims has vouched that nobody uses the frame and that its alias is writable.
    unsafe { access::zero(access, frame) };
    frames.free(frame, FrameUse::Page);
}

struct Park<'m, A> {
    tables: &'m PageTables<A>,
}

impl<'t, A: PhysicalAccess> Visitor<'t> for Park<'_, A> {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => return Ok(Step::Into(table)),
            Kind::Leaf(_) => slot.store(slot.format.parked(slot.load())),
            Kind::Empty | Kind::ParkedTable(_) | Kind::ParkedLeaf(_) => {}
        }
        Ok(Step::Over)
    }

    fn leave(&mut self, slot: &Slot<'t>, table: Frame) -> Result<(), PagingError> {
        if !slot.is_root && self.tables.is_abandoned(slot, table) {
            slot.store(slot.format.parked(slot.load()));
        }
        Ok(())
    }
}

struct Reclaim<'m, F, P> {
    frames: &'m mut F,
    page: P,
}

impl<'t, F: FrameSource, P: FnMut(&mut F, Frame)> Visitor<'t> for Reclaim<'_, F, P> {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) | Kind::ParkedTable(table) => return Ok(Step::Into(table)),
            Kind::ParkedLeaf(to) => {
                if slot.is_last() {
                    (self.page)(self.frames, Frame::containing(to));
                }
                slot.store(0);
            }
            Kind::Leaf(_) | Kind::Empty => {}
        }
        Ok(Step::Over)
    }

    fn leave(&mut self, slot: &Slot<'t>, table: Frame) -> Result<(), PagingError> {
        if matches!(slot.kind(), Kind::ParkedTable(_)) {
            slot.store(0);
            self.frames.free(table, FrameUse::Table);
        }
        Ok(())
    }
}
