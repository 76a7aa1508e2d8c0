//! Mapping ranges of pages.
#![expect(unsafe_code, reason = "mapping decides what memory pointers mean")]

use crate::base::AddressRange;

use super::access::{self, PhysicalAccess};
use super::error::PagingError;
use super::flush::Flush;
use super::format::{Attributes, Kind};
use super::frame::{FrameSource, FrameUse, PAGE_SIZE_BYTES, PhysicalAddr};
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

impl<A: PhysicalAccess> PageTables<A> {
    /// Makes sure that nothing is mapped in `range`.
    ///
    /// # Errors
    /// Something is.
    pub fn check_unmapped(&self, range: AddressRange) -> Result<(), PagingError> {
        self.walk(range, &mut CheckUnmapped)
    }

    /// Maps all pages of `range` to the physical memory from `to` on, by the largest leaves that fit up to
    /// `largest`.
    ///
    /// # Errors
    /// Something is mapped there, or no frame is free for a table. What was mapped until then stays; unmap the
    /// range.
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

    /// Fills the entries of the root tables for `range`, so that all address spaces that copy them share what is
    /// mapped there later. They stay, even if all below them is unmapped.
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
            Backing::NewFrames if slot.is_last() => {
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
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => Ok(Step::Into(table)),
            Kind::Empty => {
                if let Some(to) = self.target(slot)? {
                    slot.store(slot.format.leaf_entry(to, self.attributes, slot.is_last()));
                    return Ok(Step::Over);
                }
                if slot.is_last() {
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
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        if slot.kind() == Kind::Empty {
            let table = self.tables.new_table(self.frames)?;
            slot.store(slot.format.table_entry(table));
        }
        Ok(Step::Over)
    }
}

struct CheckUnmapped;

impl<'t> Visitor<'t> for CheckUnmapped {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
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
