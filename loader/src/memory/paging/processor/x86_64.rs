//! x86-64: INVLPG for few pages, else everything; caches agree by themselves.
//!
//! Peculiar: an empty entry is never remembered, so that filling one needs nothing. INVLPG also drops what the
//! processor remembers of tables, for any address (Intel SDM volume 3, 5.10.4). Moving CR3 keeps global pages;
//! changing CR4.PGE drops them too.
#![expect(unsafe_code, reason = "privileged instructions")]

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::base::AddressRange;

pub(super) const UNMAPS_TO_REPLACE: bool = false;

/// From how many pages on all translations are dropped instead of one after the other.
const MANY_PAGES: u64 = 64;

const CR4_PGE: u64 = 1 << 7;

pub(super) const fn publish_tables() {}

pub(super) fn invalidate(pages: AddressRange) {
    match super::few_pages(pages, MANY_PAGES) {
        Some(addresses) => addresses.for_each(invalidate_page),
        None => invalidate_all(),
    }
}

pub(super) fn replace(entry: &AtomicU64, new: u64, _pages: AddressRange) {
    entry.store(new, Ordering::Release);
    // The processor may remember the old leaf in several pieces.
    invalidate_all();
}

pub(super) const fn synchronize_code(_code: AddressRange) {
    // Stores and instruction fetches agree; the flush that makes the pages executable also serializes this
    // processor.
}

fn invalidate_page(address: u64) {
    // SAFETY: privileged by the promise made for `ThisProcessor`; forgetting a translation changes no memory.
    unsafe { asm!("invlpg [{}]", in(reg) address, options(nostack, preserves_flags)) };
}

fn invalidate_all() {
    let cr4: u64;
    // SAFETY: privileged by the promise made for `ThisProcessor`; reading CR4 changes nothing.
    unsafe { asm!("mov {}, cr4", out(reg) cr4, options(nomem, nostack, preserves_flags)) };
    if cr4 & CR4_PGE == 0 {
        // SAFETY: as above; CR3 gets the value that it has.
        unsafe {
            asm!(
                "mov {root}, cr3",
                "mov cr3, {root}",
                root = out(reg) _,
                options(nostack, preserves_flags),
            )
        };
    } else {
        // SAFETY: as above; without global pages for a moment, then as it was.
        unsafe {
            asm!(
                "mov cr4, {without}",
                "mov cr4, {with}",
                without = in(reg) cr4 & !CR4_PGE,
                with = in(reg) cr4,
                options(nostack, preserves_flags),
            )
        };
    }
}
