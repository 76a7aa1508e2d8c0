//! AArch64: TLBI broadcast to the inner shareable domain, with the barriers around it, and cache maintenance for
//! code.
//!
//! Peculiar: the walk may read tables before stores reach it, so that even a filled entry wants a barrier.
//! Instruction caches don't see stores: lines are cleaned to the point of unification, then invalidated, unless
//! CTR_EL0 says that it needn't be.
#![expect(unsafe_code, reason = "privileged instructions")]

use core::arch::asm;
use core::sync::atomic::AtomicU64;

use crate::base::AddressRange;

pub(super) const UNMAPS_TO_REPLACE: bool = true;

/// From how many pages on all translations are dropped instead of one after the other.
const MANY_PAGES: u64 = 64;

/// CTR_EL0: log2 of the words in the smallest line of the instruction caches.
const CTR_IMINLINE_SHIFT: u32 = 0;
/// CTR_EL0: log2 of the words in the smallest line of the data caches.
const CTR_DMINLINE_SHIFT: u32 = 16;
const CTR_LINE_MASK: u64 = 0b1111;
/// CTR_EL0: code needs no cleaning of data caches.
const CTR_IDC: u64 = 1 << 28;
/// CTR_EL0: code needs no invalidation of instruction caches.
const CTR_DIC: u64 = 1 << 29;

pub(super) fn publish_tables() {
    // SAFETY: barriers change no memory.
    unsafe { asm!("dsb ishst", "isb", options(nostack, preserves_flags)) };
}

pub(super) fn invalidate(pages: AddressRange) {
    // SAFETY: a barrier changes no memory.
    unsafe { asm!("dsb ishst", options(nostack, preserves_flags)) };
    match super::few_pages(pages, MANY_PAGES) {
        Some(addresses) => addresses.for_each(invalidate_page),
        None => {
            // SAFETY: privileged by the promise made for `ThisProcessor`; forgetting translations changes no
            // memory.
            unsafe { asm!("tlbi vmalle1is", options(nostack, preserves_flags)) };
        }
    }
    // SAFETY: barriers change no memory.
    unsafe { asm!("dsb ish", "isb", options(nostack, preserves_flags)) };
}

/// One stretch of instructions that touches no memory but the entry while the pages are unmapped; interrupts wait.
pub(super) fn replace(entry: &AtomicU64, new: u64, _pages: AddressRange) {
    // SAFETY: the caller of `Processor::replace` vouches for the entry; DAIF gets back the value that it had.
    unsafe {
        asm!(
            "mrs {daif}, daif",
            "msr daifset, #0xf",
            "str xzr, [{entry}]",
            "dsb ishst",
            "tlbi vmalle1is",
            "dsb ish",
            "str {new}, [{entry}]",
            "dsb ishst",
            "isb",
            "msr daif, {daif}",
            entry = in(reg) entry.as_ptr(),
            new = in(reg) new,
            daif = out(reg) _,
            options(nostack, preserves_flags),
        )
    };
}

/// Also for programs at EL0, if the operating system lets them.
pub(crate) fn synchronize_code(code: AddressRange) {
    let features: u64;
    // SAFETY: reading a register of features changes nothing.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) features, options(nomem, nostack, preserves_flags)) };
    if features & CTR_IDC == 0 {
        for address in lines(code, features, CTR_DMINLINE_SHIFT) {
            // SAFETY: cleaning a line of mapped memory changes no contents.
            unsafe { asm!("dc cvau, {}", in(reg) address, options(nostack, preserves_flags)) };
        }
    }
    // SAFETY: a barrier changes no memory.
    unsafe { asm!("dsb ish", options(nostack, preserves_flags)) };
    if features & CTR_DIC == 0 {
        for address in lines(code, features, CTR_IMINLINE_SHIFT) {
            // SAFETY: forgetting fetched instructions of mapped memory changes no contents.
            unsafe { asm!("ic ivau, {}", in(reg) address, options(nostack, preserves_flags)) };
        }
    }
    // SAFETY: barriers change no memory.
    unsafe { asm!("dsb ish", "isb", options(nostack, preserves_flags)) };
}

fn invalidate_page(address: u64) {
    // The operand holds bits 55 to 12 of the address.
    let operand = address.wrapping_shl(8).wrapping_shr(20);
    // SAFETY: privileged by the promise made for `ThisProcessor`; forgetting a translation changes no memory.
    unsafe { asm!("tlbi vaae1is, {}", in(reg) operand, options(nostack, preserves_flags)) };
}

/// The addresses of the cache lines that hold `code`.
fn lines(code: AddressRange, features: u64, shift: u32) -> impl Iterator<Item = u64> {
    let words_log2 = features.wrapping_shr(shift) & CTR_LINE_MASK;
    let line_bytes = 4_u64.wrapping_shl(crate::base::int::low_u32(words_log2));
    let first = code.first().value() & line_bytes.wrapping_neg();
    core::iter::successors(Some(first), move |line| line.checked_add(line_bytes))
        .take_while(move |line| *line <= code.last().value())
}
