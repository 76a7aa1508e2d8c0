//! Changing the protection of ranges of pages.
#![expect(unsafe_code, reason = "mapping decides what memory pointers mean")]

use crate::base::{AddressRange, Protection};

use super::access::PhysicalAccess;
use super::error::PagingError;
use super::flush::Flush;
use super::format::Kind;
use super::tables::PageTables;
use super::walk::{Slot, Step, Visitor};

impl<A: PhysicalAccess> PageTables<A> {
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
}

/// Finds errors before something changes.
pub(super) struct CheckLeaves {
    pub(super) may_be_unmapped: bool,
}

impl<'t> Visitor<'t> for CheckLeaves {
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
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
    fn enter(&mut self, slot: &Slot<'t>) -> Result<Step, PagingError> {
        if let Kind::Table(table) = slot.kind() {
            return Ok(Step::Into(table));
        }
        slot.store(slot.format.with_protection(slot.load(), self.protection));
        Ok(Step::Over)
    }
}
