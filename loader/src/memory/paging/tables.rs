//! Page tables as a value: where their roots are, how they are reached, what they map at an address.
#![expect(unsafe_code, reason = "page tables are made of frames")]

use crate::base::{AddressRange, Alignment, TargetAddr, int};

use super::access::{self, PhysicalAccess};
use super::error::PagingError;
use super::format::{Format, Half, Kind, MemoryKind, Rights};
use super::frame::{Frame, FrameSource, FrameUse, PhysicalAddr};
use super::walk::{Slot, Step, Visitor};

/// The root tables of an address space: one for both halves, or one for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Roots {
    pub(super) low: Option<Frame>,
    pub(super) high: Option<Frame>,
}

impl Roots {
    /// One root for both halves: x86-64's CR3.
    pub const fn shared(root: Frame) -> Self {
        Self {
            low: Some(root),
            high: Some(root),
        }
    }

    /// A root for each half that has one: aarch64's TTBR0 and TTBR1.
    pub const fn split(low: Option<Frame>, high: Option<Frame>) -> Self {
        Self { low, high }
    }

    /// The root of the lower half's addresses.
    pub const fn low(&self) -> Option<Frame> {
        self.low
    }
}

/// What live tables say about an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// All addresses that the leaf translates.
    pub pages: AddressRange,
    /// Where the first of them leads.
    pub to: PhysicalAddr,
    /// What may be done there, the tables on the way considered.
    pub rights: Rights,
    /// The kind of memory.
    pub memory: MemoryKind,
}

impl Leaf {
    /// The frame behind `address`; `None` if the leaf doesn't translate it.
    pub fn frame(&self, address: TargetAddr) -> Option<Frame> {
        let offset = address.checked_distance_from(self.pages.first())?;
        if !self.pages.contains(address) {
            return None;
        }
        self.to.checked_add(offset).map(Frame::containing)
    }
}

/// A stretch of pages, and where a lasting mapping shows the same frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alias {
    /// The pages.
    pub pages: AddressRange,
    /// The same frames, in the same order.
    pub alias: AddressRange,
}

/// Page tables of one address space. Changing them is in `map`, `protect`, `unmap` and `huge`.
#[derive(Clone, Copy, Debug)]
pub struct PageTables<A> {
    pub(super) format: &'static Format,
    pub(super) roots: Roots,
    pub(super) access: A,
}

impl<A: PhysicalAccess> PageTables<A> {
    /// The tables below these roots.
    ///
    /// # Safety
    /// The roots and all tables that they lead to are tables of that format, in frames that `access` reaches. While
    /// this value changes them, nobody else reads or changes them but the processors' table walks.
    pub const unsafe fn new(format: &'static Format, roots: Roots, access: A) -> Self {
        Self {
            format,
            roots,
            access,
        }
    }

    /// The format of the tables.
    pub const fn format(&self) -> &'static Format {
        self.format
    }

    /// How the tables are reached.
    pub const fn access(&self) -> &A {
        &self.access
    }

    /// What is mapped at `address`.
    pub fn query(&self, address: TargetAddr) -> Option<Leaf> {
        self.find(address).as_ref().and_then(leaf)
    }

    /// How the beginning of `range` is shown by a lasting mapping elsewhere, as far as it is shown in one piece; its
    /// pages are of 4 KiB, mapped or unmapped but not yet reclaimed. `None` if the range ends before the first page
    /// that is shown.
    pub fn next_alias(&self, range: AddressRange) -> Option<Alias> {
        let mut visitor = NextAlias {
            access: &self.access,
            found: None,
        };
        self.walk(range, &mut visitor).ok()?;
        visitor.found
    }

    /// Tells `visit` of every leaf there is, in ascending order of addresses in each half, until it returns an
    /// error.
    ///
    /// # Errors
    /// What `visit` returned.
    pub fn for_each_leaf<E>(&self, visit: impl FnMut(Leaf) -> Result<(), E>) -> Result<(), E> {
        let mut visitor = EachLeaf {
            visit,
            failure: None,
        };
        for half in [Half::Low, Half::High] {
            if visitor.failure.is_some() {
                break;
            }
            // The only error of the walk itself is that a half has no tables, and then it has no leaves.
            let _ = self.walk(self.format.half_range(half), &mut visitor);
        }
        visitor.failure.map_or(Ok(()), Err)
    }

    /// A zeroed frame for a table.
    pub(super) fn new_table(&self, frames: &mut impl FrameSource) -> Result<Frame, PagingError> {
        new_root(&self.access, frames)
    }

    /// The range if it is made of whole pages.
    pub(super) fn whole_pages(&self, range: AddressRange) -> Result<AddressRange, PagingError> {
        let ends_with_page = range
            .last()
            .value()
            .wrapping_add(1)
            .trailing_zeros()
            .ge(&int::widen_u8(Alignment::PAGE.log2()));
        if range.first().is_aligned(Alignment::PAGE) && ends_with_page {
            Ok(range)
        } else {
            Err(PagingError::Range { range })
        }
    }
}

/// A table without entries, to be a root.
///
/// # Errors
/// No frame is free.
pub fn new_root(
    access: &impl PhysicalAccess,
    frames: &mut impl FrameSource,
) -> Result<Frame, PagingError> {
    let table = frames
        .allocate(FrameUse::Table)
        .ok_or(PagingError::OutOfTables)?;
    // SAFETY: the source has just given the frame, and nobody maps it executable.
    unsafe { access::zero(access, table) };
    Ok(table)
}

fn leaf(slot: &Slot<'_>) -> Option<Leaf> {
    let entry = slot.load();
    match slot.kind_of(entry) {
        Kind::Leaf(to) => Some(Leaf {
            pages: slot.covers,
            to,
            rights: slot.rights_above.and(slot.format.leaf_rights(entry)),
            memory: slot.format.memory_kind(entry),
        }),
        _ => None,
    }
}

struct EachLeaf<F, E> {
    visit: F,
    failure: Option<E>,
}

impl<'t, F: FnMut(Leaf) -> Result<(), E>, E> Visitor<'t> for EachLeaf<F, E> {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        if let Kind::Table(table) = slot.kind() {
            return Ok(Step::Into(table));
        }
        if let Some(leaf) = leaf(slot) {
            self.failure = (self.visit)(leaf).err();
        }
        Ok(if self.failure.is_some() {
            Step::Stop
        } else {
            Step::Over
        })
    }
}

struct NextAlias<'m, A> {
    access: &'m A,
    found: Option<Alias>,
}

impl<'t, A: PhysicalAccess> Visitor<'t> for NextAlias<'_, A> {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        let to = match slot.kind() {
            Kind::Table(table) | Kind::ParkedTable(table) => return Ok(Step::Into(table)),
            Kind::Leaf(to) | Kind::ParkedLeaf(to) if slot.is_last() => Some(to),
            _ => None,
        };
        let alias = to
            .and_then(|to| self.access.alias(Frame::containing(to)))
            .and_then(|first| AddressRange::from_size(first, slot.level.size_bytes()));
        let next = alias.map(|alias| Alias {
            pages: slot.covers,
            alias,
        });
        match (&mut self.found, next) {
            (None, next) => self.found = next,
            (Some(found), Some(next)) if found.goes_on_with(&next) => {
                found.pages = found.pages.hull(next.pages);
                found.alias = found.alias.hull(next.alias);
            }
            (Some(_), _) => return Ok(Step::Stop),
        }
        Ok(Step::Over)
    }
}

impl Alias {
    fn goes_on_with(&self, next: &Self) -> bool {
        self.pages.last().checked_add(1) == Some(next.pages.first())
            && self.alias.last().checked_add(1) == Some(next.alias.first())
    }
}
