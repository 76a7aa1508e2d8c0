//! The one walk over page tables: every reading and every change is a visitor of it.
#![expect(unsafe_code, reason = "page tables are reached through pointers")]

use core::sync::atomic::{AtomicU64, Ordering};

use crate::base::{AddressRange, TargetAddr, int};

use super::access::PhysicalAccess;
use super::error::PagingError;
use super::format::{ENTRIES, Format, Half, Kind, Level, Rights, leaf_alignment};
use super::frame::Frame;
use super::tables::PageTables;

/// What a walk does at each entry that it meets.
pub(super) trait Visitor<'t> {
    /// At an entry, before what is below it.
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError>;

    /// At an entry that the walk went into, after what is below it.
    fn leave(&mut self, _slot: Slot<'t>, _table: Frame) -> Result<(), PagingError> {
        Ok(())
    }
}

/// Where a walk goes on.
pub(super) enum Step {
    /// At the next entry of the same table.
    Over,
    /// In this table, which the entry names.
    Into(Frame),
}

/// An entry of a table, as a walk meets it.
#[derive(Clone, Copy)]
pub(super) struct Slot<'t> {
    pub(super) format: &'static Format,
    pub(super) entry: &'t AtomicU64,
    pub(super) level: Level,
    pub(super) is_root: bool,
    pub(super) is_last: bool,
    /// The addresses that the entry translates.
    pub(super) covers: AddressRange,
    /// Those among them that the walk is about.
    pub(super) wanted: AddressRange,
    /// What the tables above allow.
    pub(super) rights_above: Rights,
}

impl Slot<'_> {
    pub(super) fn load(&self) -> u64 {
        self.entry.load(Ordering::Acquire)
    }

    pub(super) fn store(&self, entry: u64) {
        self.entry.store(entry, Ordering::Release);
    }

    pub(super) fn kind(&self) -> Kind {
        self.format.kind(self.load(), self.level, self.is_last)
    }

    /// Whether the walk is about all that the entry translates.
    pub(super) fn is_whole(&self) -> bool {
        self.covers == self.wanted
    }

    /// Whether the walk is about some of what an entry of the table below translates.
    pub(super) fn wants_below(&self, index: usize) -> bool {
        // The size of an entry below: a table holds 512.
        let size_bytes = self
            .level
            .size_bytes()
            .wrapping_shr(ENTRIES.trailing_zeros());
        let offset = int::from_usize(index).wrapping_mul(size_bytes);
        self.covers
            .first()
            .checked_add(offset)
            .and_then(|first| AddressRange::from_size(first, size_bytes))
            .is_some_and(|below| self.wanted.intersection(below).is_some())
    }
}

impl<A: PhysicalAccess> PageTables<A> {
    /// Visits all entries on the way to `range`, in ascending order.
    pub(super) fn walk<'t>(
        &'t self,
        range: AddressRange,
        visitor: &mut impl Visitor<'t>,
    ) -> Result<(), PagingError> {
        let root = match self.format.half(range) {
            Some(Half::Low) => self.roots.low,
            Some(Half::High) => self.roots.high,
            None => None,
        };
        match root {
            Some(root) => self.walk_table(root, self.format.levels, range, Rights::ALL, visitor),
            None => Err(PagingError::Range { range }),
        }
    }

    fn walk_table<'t>(
        &'t self,
        table: Frame,
        levels: &[Level],
        range: AddressRange,
        rights_above: Rights,
        visitor: &mut impl Visitor<'t>,
    ) -> Result<(), PagingError> {
        let Some((&level, below)) = levels.split_first() else {
            return Ok(());
        };
        let mut address = Some(range.first());
        while let Some(first) = address.filter(|first| *first <= range.last()) {
            let start = first.align_down(leaf_alignment(level));
            let covers = AddressRange::from_size(start, level.size_bytes())
                .ok_or(PagingError::Range { range })?;
            let wanted = covers
                .intersection(range)
                .ok_or(PagingError::Range { range })?;
            let index = first.value().wrapping_shr(level.shift);
            let slot = Slot {
                format: self.format,
                entry: self.entry(table, int::to_usize(index)),
                level,
                is_root: levels.len() == self.format.levels.len(),
                is_last: below.is_empty(),
                covers,
                wanted,
                rights_above,
            };
            if let Step::Into(table) = visitor.enter(slot)? {
                let rights = rights_above.and(self.format.table_rights(slot.load()));
                self.walk_table(table, below, wanted, rights, visitor)?;
                visitor.leave(slot, table)?;
            }
            address = covers.last().checked_add(1);
        }
        Ok(())
    }

    /// The entry at `index`, of which the bits that don't index a table are ignored.
    pub(super) fn entry(&self, table: Frame, index: usize) -> &AtomicU64 {
        let entries = self.access.pointer(table).cast::<AtomicU64>();
        let index = index & ENTRIES.wrapping_sub(1);
        // SAFETY: a table has 512 entries, and the index is below that.
        let entry = unsafe { entries.add(index) };
        // SAFETY: `PageTables::new` was promised that all tables can be reached; all access to them is atomic.
        unsafe { entry.as_ref() }
    }

    /// The leaf that translates `address`; `None` if nothing is mapped.
    pub(super) fn find(&self, address: TargetAddr) -> Option<Slot<'_>> {
        self.find_entry(address)
            .filter(|slot| matches!(slot.kind(), Kind::Leaf(_)))
    }

    /// The last entry on the way to `address`, in use or parked.
    pub(super) fn find_entry(&self, address: TargetAddr) -> Option<Slot<'_>> {
        let mut finder = Finder { last: None };
        self.walk(AddressRange::new(address, address)?, &mut finder)
            .ok()?;
        finder.last
    }
}

struct Finder<'t> {
    last: Option<Slot<'t>>,
}

impl<'t> Visitor<'t> for Finder<'t> {
    fn enter(&mut self, slot: Slot<'t>) -> Result<Step, PagingError> {
        self.last = Some(slot);
        Ok(match slot.kind() {
            Kind::Table(table) | Kind::ParkedTable(table) => Step::Into(table),
            Kind::Leaf(_) | Kind::ParkedLeaf(_) | Kind::Empty => Step::Over,
        })
    }
}
