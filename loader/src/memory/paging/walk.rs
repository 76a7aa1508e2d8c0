//! The one walk over page tables: every reading and every change is a visitor of it.
#![expect(unsafe_code, reason = "page tables are reached through pointers")]

use core::ops::ControlFlow;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::base::{AddressRange, TargetAddr, int};

use super::access::PhysicalAccess;
use super::error::PagingError;
use super::format::{ENTRIES, Format, Half, Kind, Level, Rights};
use super::frame::Frame;
use super::tables::PageTables;

/// What a walk does at each entry that it meets.
pub(super) trait Visitor<'t> {
    /// At an entry, before what is below it.
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError>;

    /// At an entry that the walk went into, after what is below it.
    fn leave(&mut self, _slot: &Slot<'t>, _table: Frame) -> Result<(), PagingError> {
        Ok(())
    }
}

/// Where a walk goes on.
pub(super) enum Step {
    /// At the next entry of the same table.
    Over,
    /// In this table, which the entry names.
    Into(Frame),
    /// Nowhere: the visitor has seen enough.
    Stop,
}

/// An entry of a table, as a walk meets it.
#[derive(Clone, Copy)]
pub(super) struct Slot<'t> {
    pub(super) format: &'static Format,
    pub(super) entry: &'t AtomicU64,
    pub(super) level: Level,
    /// The levels below the entry's.
    pub(super) below: &'static [Level],
    pub(super) is_root: bool,
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
        self.kind_of(self.load())
    }

    /// What `entry` would be here.
    pub(super) fn kind_of(&self, entry: u64) -> Kind {
        self.format.kind(entry, self.level, self.is_last())
    }

    /// Whether the entry can only map a page.
    pub(super) const fn is_last(&self) -> bool {
        self.below.is_empty()
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
    /// Visits all entries on the way to `range`, in ascending order. One piece of code for all visitors.
    #[inline(never)]
    pub(super) fn walk<'t>(
        &'t self,
        range: AddressRange,
        visitor: &mut dyn Visitor<'t>,
    ) -> Result<(), PagingError> {
        let root = match self.format.half(range) {
            Some(Half::Low) => self.roots.low,
            Some(Half::High) => self.roots.high,
            None => None,
        };
        let root = root.ok_or(PagingError::Range { range })?;
        self.walk_table(root, self.format.levels, range, Rights::ALL, visitor)
            .map(|_| ())
    }

    /// Breaks if the visitor wants to stop.
    fn walk_table<'t>(
        &'t self,
        table: Frame,
        levels: &'static [Level],
        range: AddressRange,
        rights_above: Rights,
        visitor: &mut dyn Visitor<'t>,
    ) -> Result<ControlFlow<()>, PagingError> {
        let Some((&level, below)) = levels.split_first() else {
            return Ok(ControlFlow::Continue(()));
        };
        let covers = level.entry_range(range.first());
        let mut slot = Slot {
            format: self.format,
            entry: self.entry_for(table, level, covers.first()),
            level,
            below,
            is_root: levels.len() == self.format.levels.len(),
            covers,
            wanted: covers.intersection(range).unwrap_or(covers),
            rights_above,
        };
        loop {
            match visitor.enter(&slot)? {
                Step::Over => {}
                Step::Stop => return Ok(ControlFlow::Break(())),
                Step::Into(table) => {
                    let rights = rights_above.and(self.format.table_rights(slot.load()));
                    let flow = self.walk_table(table, below, slot.wanted, rights, visitor)?;
                    if flow.is_break() {
                        return Ok(flow);
                    }
                    visitor.leave(&slot, table)?;
                }
            }
            let next = slot.covers.last().checked_add(1);
            let Some(next) = next.filter(|next| *next <= range.last()) else {
                return Ok(ControlFlow::Continue(()));
            };
            slot.entry = self.entry_for(table, level, next);
            slot.covers = level.entry_range(next);
            slot.wanted = slot.covers.intersection(range).unwrap_or(slot.covers);
        }
    }

    /// The entry of a table of a level that translates an address.
    fn entry_for(&self, table: Frame, level: Level, address: TargetAddr) -> &AtomicU64 {
        self.entry(
            table,
            int::to_usize(address.value().wrapping_shr(level.shift)),
        )
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
        let mut finder = Finder { leaf: None };
        self.walk(AddressRange::new(address, address)?, &mut finder)
            .ok()?;
        finder.leaf
    }
}

struct Finder<'t> {
    leaf: Option<Slot<'t>>,
}

impl<'t> Visitor<'t> for Finder<'t> {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        match slot.kind() {
            Kind::Table(table) => return Ok(Step::Into(table)),
            Kind::Leaf(_) => self.leaf = Some(*slot),
            Kind::Empty | Kind::ParkedTable(_) | Kind::ParkedLeaf(_) => {}
        }
        Ok(Step::Over)
    }
}
