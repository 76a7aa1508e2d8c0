//! Mapping, protecting and unmapping ranges of pages.
//!
//! Unmapping has three steps, and the types keep their order: [`PageTables::unmap`] parks leaves and emptied tables, so that the
//! hardware ignores them but they still tell what they named; [`Unmapped::pay`] makes the processors forget them;
//! [`PageTables::reclaim`] gives the frames back.
#![expect(unsafe_code, reason = "mapping decides what memory pointers mean")]

use crate::base::{AddressRange, Protection};

use super::access::{self, PhysicalAccess};
use super::error::PagingError;
use super::flush::Flush;
use super::format::{Attributes, ENTRIES, Kind};
use super::frame::{Frame, FrameSource, FrameUse, PAGE_SIZE_BYTES, PhysicalAddr};
use super::processor::Processor;
use super::tables::PageTables;
use super::walk::{Slot, Step, Visitor};

/// The largest leaves to map with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LargestLeaf {
    /// Pages alone: for what will be protected or unmapped in part.
    Size4KiB,
    /// On any machine.
    Size2MiB,
    /// On x86-64 only where CPUID says so (`pdpe1gb`).
    Size1GiB,
}

impl LargestLeaf {
    const fn size_bytes(self) -> u64 {
        match self {
            Self::Size4KiB => PAGE_SIZE_BYTES,
            Self::Size2MiB => 2 << 20,
            Self::Size1GiB => 1 << 30,
        }
    }
}

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
    /// Makes sure that nothing is mapped in `range`.
    ///
    /// # Errors
    /// Something is.
    pub fn check_unmapped(&self, range: AddressRange) -> Result<(), PagingError> {
        self.walk(range, &mut CheckUnmapped)
    }

    /// Maps all pages of `range` to the physical memory from `to` on, by the largest leaves that fit up to `largest`.
    ///
    /// # Errors
    /// Something is mapped there, or no frame is free for a table. What was mapped until then stays; unmap the range.
    ///
    /// # Safety
    /// Nobody counts on the range being unmapped, and who uses that memory allows for the new mapping.
    pub unsafe fn map(
        &mut self,
        range: AddressRange,
        to: PhysicalAddr,
        attributes: Attributes,
        largest: LargestLeaf,
        frames: &mut impl FrameSource,
    ) -> Result<Flush, PagingError> {
        let backing = Backing::Physical {
            from: self.whole_pages(range)?,
            to,
            largest,
        };
        self.map_to(range, backing, attributes, frames)
    }

    /// Maps all pages of `range` to zeroed frames of their own.
    ///
    /// # Errors
    /// As for [`map`](Self::map), or no frame is free for a page.
    ///
    /// # Safety
    /// Nobody counts on the range being unmapped.
    pub unsafe fn map_new(
        &mut self,
        range: AddressRange,
        attributes: Attributes,
        frames: &mut impl FrameSource,
    ) -> Result<Flush, PagingError> {
        let range = self.whole_pages(range)?;
        self.map_to(range, Backing::NewFrames, attributes, frames)
    }

    /// Fills the entries of the root tables for `range`, so that all address spaces that copy them share what is mapped there
    /// later. They stay, even if all below them is unmapped.
    ///
    /// # Errors
    /// No frame is free for a table.
    ///
    /// # Safety
    /// The root tables are changed by nobody else.
    pub unsafe fn fill_roots(
        &mut self,
        range: AddressRange,
        frames: &mut impl FrameSource,
    ) -> Result<Flush, PagingError> {
        let mut visitor = FillRoots {
            tables: self,
            frames,
        };
        self.walk(range, &mut visitor)?;
        Ok(Flush::publication())
    }

    /// Changes the protection of all pages of `range`; the kind of memory stays.
    ///
    /// # Errors
    /// Nothing is mapped at some page, or a leaf reaches past the range. Nothing has changed then.
    ///
    /// # Safety
    /// Whoever uses the range needs no more than the new protection allows, and writes no code that others run.
    pub unsafe fn protect(
        &mut self,
        range: AddressRange,
        protection: Protection,
    ) -> Result<Flush, PagingError> {
        let range = self.whole_pages(range)?;
        self.walk(
            range,
            &mut CheckLeaves {
                may_be_unmapped: false,
            },
        )?;
        self.walk(range, &mut Protect { protection })?;
        Ok(Flush::invalidation(range))
    }

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

    /// Gives back the tables that were emptied. What was mapped belongs to the caller, as far as it isn't known already.
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
    /// The pages were unmapped from these tables; their frames and the tables' came from `frames`, nobody uses them, and their
    /// aliases are writable.
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

    fn map_to(
        &self,
        range: AddressRange,
        backing: Backing,
        attributes: Attributes,
        frames: &mut impl FrameSource,
    ) -> Result<Flush, PagingError> {
        let mut visitor = Map {
            tables: self,
            backing,
            attributes,
            frames,
        };
        self.walk(range, &mut visitor)?;
        Ok(Flush::publication())
    }

    /// Whether nothing of the table is in use but what the walk is about, and that is parked.
    fn is_abandoned(&self, slot: &Slot<'_>, table: Frame) -> bool {
        (0..ENTRIES).all(|index| {
            let entry = self
                .entry(table, index)
                .load(core::sync::atomic::Ordering::Acquire);
            entry == 0 || (entry & self.format.present == 0 && slot.wants_below(index))
        })
    }
}

fn give_back_page(access: &impl PhysicalAccess, frames: &mut impl FrameSource, frame: Frame) {
    // SAFETY: who reclaims has vouched that nobody uses the frame and that its alias is writable.
    unsafe { access::zero(access, frame) };
    frames.free(frame, FrameUse::Page);
}

/// What pages are mapped to.
#[derive(Clone, Copy)]
enum Backing {
    /// Each to a frame of its own, zeroed.
    NewFrames,
    /// To consecutive physical memory: the start of `from` to `to`.
    Physical {
        from: AddressRange,
        to: PhysicalAddr,
        largest: LargestLeaf,
    },
}

struct Map<'m, A, F> {
    tables: &'m PageTables<A>,
    backing: Backing,
    attributes: Attributes,
    frames: &'m mut F,
}

impl<A: PhysicalAccess, F: FrameSource> Map<'_, A, F> {
    /// What a leaf in this entry would map; `None` if there must be smaller ones.
    fn target(&mut self, slot: &Slot<'_>) -> Result<Option<PhysicalAddr>, PagingError> {
        match self.backing {
            Backing::NewFrames if slot.is_last => {
                let frame = self.frames.allocate(FrameUse::Page);
                let frame = frame.ok_or(PagingError::OutOfPages)?;
                // SAFETY: the source has just given the frame, and nobody maps it executable.
                unsafe { access::zero(self.tables.access(), frame) };
                Ok(Some(frame.start()))
            }
            Backing::NewFrames => Ok(None),
            Backing::Physical { from, to, largest } => {
                let size_bytes = slot.level.size_bytes();
                let address = slot
                    .wanted
                    .first()
                    .checked_distance_from(from.first())
                    .and_then(|distance| to.checked_add(distance))
                    .ok_or(PagingError::Range { range: from })?;
                let fits = slot.level.may_be_leaf
                    && slot.is_whole()
                    && size_bytes <= largest.size_bytes()
                    && address.value() & size_bytes.wrapping_sub(1) == 0;
                Ok(fits.then_some(address))
            }
        }
    }
}

impl<'t, A: PhysicalAccess, F: FrameSource> Visitor<'t> for Map<'_, A, F> {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => Ok(Step::Into(table)),
            Kind::Empty => {
                if let Some(to) = self.target(&slot)? {
                    slot.store(slot.format.leaf_entry(to, self.attributes, slot.is_last));
                    return Ok(Step::Over);
                }
                if slot.is_last {
                    // The physical address isn't a page's.
                    return Err(PagingError::Range { range: slot.wanted });
                }
                let table = self.tables.new_table(self.frames)?;
                slot.store(slot.format.table_entry(table));
                Ok(Step::Into(table))
            }
            Kind::Leaf(_) | Kind::ParkedLeaf(_) | Kind::ParkedTable(_) => {
                Err(PagingError::Occupied {
                    address: slot.wanted.first(),
                })
            }
        }
    }
}

struct FillRoots<'m, A, F> {
    tables: &'m PageTables<A>,
    frames: &'m mut F,
}

impl<'t, A: PhysicalAccess, F: FrameSource> Visitor<'t> for FillRoots<'_, A, F> {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        if slot.kind() == Kind::Empty {
            let table = self.tables.new_table(self.frames)?;
            slot.store(slot.format.table_entry(table));
        }
        Ok(Step::Over)
    }
}

struct CheckUnmapped;

impl<'t> Visitor<'t> for CheckUnmapped {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => Ok(Step::Into(table)),
            Kind::Empty => Ok(Step::Over),
            Kind::Leaf(_) | Kind::ParkedLeaf(_) | Kind::ParkedTable(_) => {
                Err(PagingError::Occupied {
                    address: slot.wanted.first(),
                })
            }
        }
    }
}

/// Finds errors before something changes.
struct CheckLeaves {
    may_be_unmapped: bool,
}

impl<'t> Visitor<'t> for CheckLeaves {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => Ok(Step::Into(table)),
            Kind::Leaf(_) if slot.is_whole() => Ok(Step::Over),
            Kind::Leaf(_) => Err(PagingError::LargeLeaf {
                address: slot.covers.first(),
                size_bytes: slot.level.size_bytes(),
            }),
            _ if self.may_be_unmapped => Ok(Step::Over),
            _ => Err(PagingError::NotMapped {
                address: slot.wanted.first(),
            }),
        }
    }
}

struct Protect {
    protection: Protection,
}

impl<'t> Visitor<'t> for Protect {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        if let Kind::Table(table) = slot.kind() {
            return Ok(Step::Into(table));
        }
        slot.store(slot.format.with_protection(slot.load(), self.protection));
        Ok(Step::Over)
    }
}

struct Park<'m, A> {
    tables: &'m PageTables<A>,
}

impl<'t, A: PhysicalAccess> Visitor<'t> for Park<'_, A> {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => return Ok(Step::Into(table)),
            Kind::Leaf(_) => slot.store(slot.format.parked(slot.load())),
            Kind::Empty | Kind::ParkedTable(_) | Kind::ParkedLeaf(_) => {}
        }
        Ok(Step::Over)
    }

    fn leave(&mut self, slot: Slot<'t>, table: Frame) -> Result<(), PagingError> {
        if !slot.is_root && self.tables.is_abandoned(&slot, table) {
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
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) | Kind::ParkedTable(table) => return Ok(Step::Into(table)),
            Kind::ParkedLeaf(to) => {
                if slot.is_last {
                    (self.page)(self.frames, Frame::containing(to));
                }
                slot.store(0);
            }
            Kind::Leaf(_) | Kind::Empty => {}
        }
        Ok(Step::Over)
    }

    fn leave(&mut self, slot: Slot<'t>, table: Frame) -> Result<(), PagingError> {
        if matches!(slot.kind(), Kind::ParkedTable(_)) {
            slot.store(0);
            self.frames.free(table, FrameUse::Table);
        }
        Ok(())
    }
}
