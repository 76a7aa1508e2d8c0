//! The privileged instructions that page tables and code in memory need: one module for each machine, one trait.
//!
//! Each machine's module is compiled for that machine alone; [`ThisProcessor`] is the one of the machine that this
//! program is compiled for. Tests use a processor that records what it was told.
#![expect(
    unsafe_code,
    reason = "whoever invalidates translations vouches for it"
)]

use core::sync::atomic::AtomicU64;

use crate::base::{AddressRange, Alignment};
use crate::memory::paging::PAGE_SIZE_BYTES;

#[cfg(target_arch = "aarch64")]
pub(crate) mod aarch64;
#[cfg(test)]
pub(crate) mod recording;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86_64;

#[cfg(target_arch = "aarch64")]
use aarch64 as this_machine;
#[cfg(target_arch = "x86_64")]
use x86_64 as this_machine;

/// What memory management asks of all processors that use the page tables.
///
/// # Safety
/// When a method returns, what it promises holds on every one of these processors. A kernel on several x86-64
/// processors implements it with an interrupt to the others.
pub unsafe trait Processor {
    /// Table walks see all entries that were filled so far; no entry was in use before.
    fn publish_tables(&self);

    /// No processor uses a translation of these pages, or remembers a table on the way to them, that the tables no
    /// longer hold.
    fn invalidate(&self, pages: AddressRange);

    /// Puts `new` in place of an entry in use, which maps `pages`. No processor ever knows both, where that is
    /// forbidden; none knows the old one afterwards. In between the pages may be unmapped.
    ///
    /// # Safety
    /// `entry` lies in live page tables. Neither the entry itself nor the calling code lies in `pages`, on machines
    /// that unmap them in between.
    unsafe fn replace(&self, entry: &AtomicU64, new: u64, pages: AddressRange);

    /// Instruction fetches from these addresses see what was last stored there. The addresses are mapped readable.
    fn synchronize_code(&self, code: AddressRange);

    /// Whether [`replace`](Self::replace) unmaps the pages in between.
    fn unmaps_to_replace(&self) -> bool;
}

/// The processor that runs this program, and on aarch64 all others of its inner shareable domain.
#[derive(Clone, Copy, Debug)]
pub struct ThisProcessor {
    // Only `new` makes one.
    _private: (),
}

impl ThisProcessor {
    /// The processor that runs this program.
    ///
    /// # Safety
    /// The program runs in ring 0, or at EL1, whenever the value is used; on x86-64 no other processor uses the
    /// page tables.
    pub const unsafe fn new() -> Self {
        Self { _private: () }
    }
}

// SAFETY: the machines' modules do for this processor what the trait says; on aarch64 invalidation is broadcast.
unsafe impl Processor for ThisProcessor {
    fn publish_tables(&self) {
        this_machine::publish_tables();
    }

    fn invalidate(&self, pages: AddressRange) {
        this_machine::invalidate(pages);
    }

    unsafe fn replace(&self, entry: &AtomicU64, new: u64, pages: AddressRange) {
        this_machine::replace(entry, new, pages);
    }

    fn synchronize_code(&self, code: AddressRange) {
        this_machine::synchronize_code(code);
    }

    fn unmaps_to_replace(&self) -> bool {
        this_machine::UNMAPS_TO_REPLACE
    }
}

/// The addresses of the pages, unless they are `many` or more.
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
fn few_pages(pages: AddressRange, many: u64) -> Option<impl Iterator<Item = u64>> {
    let first = pages.first().align_down(Alignment::PAGE).value();
    let distance = pages.last().value().wrapping_sub(first);
    let count_less_one = distance.wrapping_div(PAGE_SIZE_BYTES);
    (count_less_one < many).then(move || {
        (0..=count_less_one).map(move |page| first.wrapping_add(page.wrapping_mul(PAGE_SIZE_BYTES)))
    })
}
