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
use super::format::{ENTRIES, Kind};
use super::frame::{Frame, FrameSource, FrameUse};
use super::processor::Processor;
use super::tables::PageTables;
use super::walk::{Slot, Step, Visitor};

impl<A: PhysicalAccess> PageTables<A> {
    /// Makes all leaves in `range` leaves of 4 KiB, by splitting larger ones. What they map stays mapped, all
    /// attributes the same.
    ///
    /// # Errors
    /// No frame is free for a table: what was split stays; [`join`](Self::join) undoes it.
    ///
    /// # Safety
    /// On machines that unmap a leaf in between, nothing that runs meanwhile needs what the leaf maps: code, stacks
    /// of interrupts, another processor's data.
    pub unsafe fn split(
        &mut self,
        range: AddressRange,
        frames: &mut impl FrameSource,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let mut visitor = Split {
            tables: self,
            frames,
            processor,
            is_to_seal: false,
        };
        self.walk(range, &mut visitor)
    }

    /// Makes large leaves again of those in `range` that were split, where all parts are as they were.
    ///
    /// # Safety
    /// As for [`split`](Self::split); the tables' frames came from `frames`.
    pub unsafe fn join(
        &mut self,
        range: AddressRange,
        frames: &mut impl FrameSource,
        processor: &impl Processor,
    ) {
        let mut visitor = Join {
            tables: self,
            frames,
            processor,
        };
        // Where there are no tables, nothing was split.
        let _ = self.walk(range, &mut visitor);
    }

    /// Makes sure that [`seal`](Self::seal) can't fail: splits large leaves in `range`, and marks the pages so that
    /// they aren't joined before [`unseal`](Self::unseal). What isn't writable stays as it is.
    ///
    /// # Errors
    /// As for [`split`](Self::split); [`unseal`](Self::unseal) and [`join`](Self::join) undo what was done.
    ///
    /// # Safety
    /// As for [`split`](Self::split).
    pub unsafe fn prepare_to_seal(
        &mut self,
        range: AddressRange,
        frames: &mut impl FrameSource,
        processor: &impl Processor,
    ) -> Result<(), PagingError> {
        let mut visitor = Split {
            tables: self,
            frames,
            processor,
            is_to_seal: true,
        };
        self.walk(range, &mut visitor)
    }

    /// Makes the pages of `range` read-only and not executable, as far as they were
    /// [prepared](Self::prepare_to_seal) for that.
    ///
    /// # Safety
    /// Nobody needs to write there.
    pub unsafe fn seal(&mut self, range: AddressRange) -> Flush {
        self.protect_sealed(range, Protection::Read, true)
    }

    /// Makes the pages of `range` what they were before they were prepared to be sealed. [`join`](Self::join) then
    /// undoes the splitting.
    ///
    /// # Safety
    /// The frames behind them are executable nowhere.
    pub unsafe fn unseal(&mut self, range: AddressRange) -> Flush {
        self.protect_sealed(range, Protection::ReadWrite, false)
    }

    fn protect_sealed(
        &self,
        range: AddressRange,
        protection: Protection,
        stays_sealed: bool,
    ) -> Flush {
        let mut visitor = ProtectSealed {
            protection,
            stays_sealed,
            has_changed: false,
        };
        // Where there are no tables, nothing was sealed.
        let _ = self.walk(range, &mut visitor);
        if visitor.has_changed {
            Flush::invalidation(range)
        } else {
            Flush::nothing()
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
        let is_part_last = leaf.below.len() == 1;
        let first = leaf.format.smaller(leaf.load(), leaf.level, is_part_last);
        for index in 0..ENTRIES {
            let entry = first.wrapping_add(part_offset(leaf, index));
            self.entry(table, index).store(entry, Ordering::Release);
        }
    }

    /// The leaf that says the same as the table that `slot` names; `None` if no leaf does, or the table was no large
    /// leaf.
    fn joined(&self, slot: &Slot<'_>, table: Frame) -> Option<u64> {
        let format = self.format;
        if slot.load() & format.split_mark == 0 {
            return None;
        }
        let (part, below) = slot.below.split_first()?;
        let load = |index| self.entry(table, index).load(Ordering::Acquire);
        let is_leaf = matches!(format.kind(load(0), *part, below.is_empty()), Kind::Leaf(_));
        if !is_leaf || load(0) & format.sealed_mark != 0 {
            return None;
        }
        // Hardware may have marked some parts as used; the whole is then marked too.
        let used = (0..ENTRIES).fold(0, |used, index| used | load(index)) & format.set_by_hardware;
        let first = load(0) | used;
        let is_uniform = (0..ENTRIES)
            .all(|index| load(index) | used == first.wrapping_add(part_offset(slot, index)));
        is_uniform.then(|| format.larger(first, below.is_empty()))
    }
}

/// How far the part at `index` of what `slot` maps lies from the first.
fn part_offset(slot: &Slot<'_>, index: usize) -> u64 {
    let part_bytes = slot.below.first().map_or(0, |part| part.size_bytes());
    int::from_usize(index).wrapping_mul(part_bytes)
}

struct Split<'m, A, F, P> {
    tables: &'m PageTables<A>,
    frames: &'m mut F,
    processor: &'m P,
    /// Whether pages that are writable are marked, and what isn't writable stays whole.
    is_to_seal: bool,
}

impl<'t, A: PhysicalAccess, F: FrameSource, P: Processor> Visitor<'t> for Split<'_, A, F, P> {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => return Ok(Step::Into(table)),
            Kind::Leaf(_) => {}
            Kind::Empty | Kind::ParkedTable(_) | Kind::ParkedLeaf(_) => return Ok(Step::Over),
        }
        let leaf = slot.load();
        if self.is_to_seal && !slot.format.leaf_rights(leaf).is_writable {
            return Ok(Step::Over);
        }
        if slot.is_last() {
            if self.is_to_seal {
                slot.store(leaf | slot.format.sealed_mark);
            }
            return Ok(Step::Over);
        }
        self.tables.check_replaceable(slot, self.processor)?;
        let table = self.tables.new_table(self.frames)?;
        self.tables.fill_with_parts(table, slot);
        let entry = slot.format.table_entry(table) | slot.format.split_mark;
        // SAFETY: the entry doesn't lie among the pages; `split`'s caller vouches for the rest.
        unsafe { self.processor.replace(slot.entry, entry, slot.covers) };
        Ok(Step::Into(table))
    }
}

struct Join<'m, A, F, P> {
    tables: &'m PageTables<A>,
    frames: &'m mut F,
    processor: &'m P,
}

impl<'t, A: PhysicalAccess, F: FrameSource, P: Processor> Visitor<'t> for Join<'_, A, F, P> {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        Ok(match slot.kind() {
            Kind::Table(table) => Step::Into(table),
            _ => Step::Over,
        })
    }

    fn leave(&mut self, slot: &Slot<'t>, table: Frame) -> Result<(), PagingError> {
        if let Some(leaf) = self.tables.joined(slot, table)
            && self.tables.check_replaceable(slot, self.processor).is_ok()
        {
            // SAFETY: the entry doesn't lie among the pages; `join`'s caller vouches for the rest.
            unsafe { self.processor.replace(slot.entry, leaf, slot.covers) };
            self.frames.free(table, FrameUse::Table);
        }
        Ok(())
    }
}

struct ProtectSealed {
    protection: Protection,
    stays_sealed: bool,
    has_changed: bool,
}

impl<'t> Visitor<'t> for ProtectSealed {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => return Ok(Step::Into(table)),
            Kind::Leaf(_) if slot.is_last() => {}
            _ => return Ok(Step::Over),
        }
        let (entry, mark) = (slot.load(), slot.format.sealed_mark);
        if entry & mark != 0 {
            let protected = slot.format.with_protection(entry, self.protection);
            self.has_changed |= protected != entry;
            slot.store(if self.stays_sealed {
                protected
            } else {
                protected & !mark
            });
        }
        Ok(Step::Over)
    }
}
