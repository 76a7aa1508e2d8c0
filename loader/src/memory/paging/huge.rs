//! Large leaves in part: splitting them, protecting single pages of them for a while, joining them again.
//!
//! What a page was is kept in bits that the hardware leaves to software, in the tables themselves: a table that
//! replaces a large leaf is marked, and so is a page that was writable before it was sealed. So nothing needs
//! memory beside the tables.
#![expect(unsafe_code, reason = "mapping decides what memory pointers mean")]

use core::sync::atomic::Ordering;

use crate::base::{AddressRange, Protection, TargetAddr, int};

use super::access::PhysicalAccess;
use super::error::PagingError;
use super::flush::Flush;
use super::format::{ENTRIES, Kind, Level};
use super::frame::{Frame, FrameSource, FrameUse};
use super::processor::Processor;
use super::tables::PageTables;
use super::walk::{Slot, Step, Visitor};

impl<A: PhysicalAccess> PageTables<A> {
    /// Makes the leaf at `address` one of 4 KiB, by splitting larger ones. What they map stays mapped, all
    /// attributes the same.
    ///
    /// # Errors
    /// Nothing is mapped there, or no frame is free for a table: what was split stays; [`join`](Self::join) undoes
    /// it.
    ///
    /// # Safety
    /// On machines that unmap a leaf in between, nothing that runs meanwhile needs what the leaf maps: code, stacks
    /// of interrupts, another processor's data.
    pub unsafe fn split(
        &mut self,
        address: TargetAddr,
        frames: &mut impl FrameSource,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        loop {
            let leaf = self
                .find(address)
                .ok_or(PagingError::NotMapped { address })?;
            if leaf.is_last {
                return Ok(());
            }
            self.check_replaceable(&leaf, processor)?;
            let table = self.new_table(frames)?;
            self.fill_with_parts(table, &leaf);
            let entry = leaf.format.table_entry(table) | leaf.format.split_mark;
            // SAFETY: the entry was found in the tables, not among the pages; the caller vouches for the rest.
            unsafe { processor.replace(leaf.entry, entry, leaf.covers) };
        }
    }

    /// Makes large leaves again of those that were split on the way to `address`, where all parts are as they were.
    ///
    /// # Safety
    /// As for [`split`](Self::split); the tables' frames came from `frames`.
    pub unsafe fn join(
        &mut self,
        address: TargetAddr,
        frames: &mut impl FrameSource,
        processor: &impl Processor,
    ) {
        let mut path = Path { tables: [None; 3] };
        let Some(page) = AddressRange::new(address, address) else {
            return;
        };
        if self.walk(page, &mut path).is_err() {
            return;
        }
        for slot in path.tables.into_iter().rev().flatten() {
            let Some((table, leaf)) = self.joined(&slot) else {
                return;
            };
            if self.check_replaceable(&slot, processor).is_err() {
                return;
            }
            // SAFETY: as for splitting.
            unsafe { processor.replace(slot.entry, leaf, slot.covers) };
            frames.free(table, FrameUse::Table);
        }
    }

    /// Makes sure that [`seal`](Self::seal) can't fail: splits large leaves on the way to `address`, and marks the
    /// page so that they aren't joined before [`unseal`](Self::unseal). A page that isn't writable stays as it is.
    ///
    /// # Errors
    /// As for [`split`](Self::split).
    ///
    /// # Safety
    /// As for [`split`](Self::split).
    pub unsafe fn prepare_to_seal(
        &mut self,
        address: TargetAddr,
        frames: &mut impl FrameSource,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let is_writable = |leaf: &Slot<'_>| leaf.format.leaf_rights(leaf.load()).is_writable;
        if !self.find(address).is_some_and(|leaf| is_writable(&leaf)) {
            return Ok(());
        }
        // SAFETY: passed on from the caller.
        unsafe { self.split(address, frames, processor) }?;
        let leaf = self.find_page(address)?;
        leaf.store(leaf.load() | leaf.format.sealed_mark);
        Ok(())
    }

    /// Makes the page at `address` read-only and not executable, if it was [prepared](Self::prepare_to_seal) for
    /// that.
    ///
    /// # Safety
    /// Nobody needs to write there.
    pub unsafe fn seal(&mut self, address: TargetAddr) -> Flush {
        self.protect_marked(address, Protection::Read, |_| {})
    }

    /// Makes the page at `address` what it was before it was prepared to be sealed. [`join`](Self::join) then
    /// undoes the splitting.
    ///
    /// # Safety
    /// The frame behind it is executable nowhere.
    pub unsafe fn unseal(&mut self, address: TargetAddr) -> Flush {
        let unmark = |leaf: &Slot<'_>| leaf.store(leaf.load() & !leaf.format.sealed_mark);
        self.protect_marked(address, Protection::ReadWrite, unmark)
    }

    fn protect_marked(
        &self,
        address: TargetAddr,
        protection: Protection,
        then: impl FnOnce(&Slot<'_>),
    ) -> Flush {
        let Ok(leaf) = self.find_page(address) else {
            return Flush::nothing();
        };
        let entry = leaf.load();
        if entry & leaf.format.sealed_mark == 0 {
            return Flush::nothing();
        }
        let changed = leaf.format.with_protection(entry, protection);
        leaf.store(changed);
        then(&leaf);
        if changed == entry {
            Flush::nothing()
        } else {
            Flush::invalidation(leaf.covers)
        }
    }

    fn find_page(&self, address: TargetAddr) -> Result<Slot<'_>, PagingError> {
        let leaf = self
            .find(address)
            .ok_or(PagingError::NotMapped { address })?;
        if leaf.is_last {
            Ok(leaf)
        } else {
            Err(PagingError::LargeLeaf {
                address: leaf.covers.first(),
                size_bytes: leaf.level.size_bytes(),
            })
        }
    }

    /// An entry among the pages that it maps couldn't be written once they are unmapped.
    fn check_replaceable(
        &self,
        slot: &Slot<'_>,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let entry = TargetAddr::new(int::from_usize(slot.entry.as_ptr().addr()));
        if processor.unmaps_to_replace() && slot.covers.contains(entry) {
            return Err(PagingError::HoldsItself {
                address: slot.covers.first(),
            });
        }
        Ok(())
    }

    /// Fills a new table with leaves that map what `leaf` maps.
    fn fill_with_parts(&self, table: Frame, leaf: &Slot<'_>) {
        if let Some(part) = self.part_level(leaf) {
            let first = leaf.format.smaller(leaf.load(), leaf.level, part.is_last);
            for index in 0..ENTRIES {
                let entry = first.wrapping_add(part.offset(index));
                self.entry(table, index).store(entry, Ordering::Release);
            }
        }
    }

    /// The table that `slot` names and the leaf that says the same; `None` if no leaf does, or the table was no
    /// large leaf.
    fn joined(&self, slot: &Slot<'_>) -> Option<(Frame, u64)> {
        let format = self.format;
        let Kind::Table(table) = slot.kind() else {
            return None;
        };
        if slot.load() & format.split_mark == 0 {
            return None;
        }
        let part = self.part_level(slot)?;
        let load = |index| self.entry(table, index).load(Ordering::Acquire);
        if !matches!(
            format.kind(load(0), part.level, part.is_last),
            Kind::Leaf(_)
        ) {
            return None;
        }
        // Hardware may have marked some parts as used; the whole is then marked too.
        if load(0) & format.sealed_mark != 0 {
            return None;
        }
        let used = (0..ENTRIES).fold(0, |used, index| used | load(index)) & format.set_by_hardware;
        let first = load(0) | used;
        let is_uniform =
            (0..ENTRIES).all(|index| load(index) | used == first.wrapping_add(part.offset(index)));
        is_uniform.then(|| (table, format.larger(first, part.is_last)))
    }

    /// What the entries of a table below `slot` are.
    fn part_level(&self, slot: &Slot<'_>) -> Option<PartLevel> {
        let mut levels = self.format.levels.iter();
        levels.find(|level| **level == slot.level)?;
        let level = *levels.next()?;
        Some(PartLevel {
            level,
            is_last: levels.next().is_none(),
        })
    }
}

#[derive(Clone, Copy)]
struct PartLevel {
    level: Level,
    is_last: bool,
}

impl PartLevel {
    /// How far the part at `index` lies from the first.
    fn offset(self, index: usize) -> u64 {
        int::from_usize(index).wrapping_mul(self.level.size_bytes())
    }
}

/// The tables on the way to a page, below the root.
struct Path<'t> {
    tables: [Option<Slot<'t>>; 3],
}

impl<'t> Visitor<'t> for Path<'t> {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        let Kind::Table(table) = slot.kind() else {
            return Ok(Step::Over);
        };
        if let Some(free) = self.tables.iter_mut().find(|free| free.is_none()) {
            *free = Some(slot);
        }
        Ok(Step::Into(table))
    }
}
