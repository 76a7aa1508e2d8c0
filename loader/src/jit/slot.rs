//! Slots: words of the running program that hold where functions lead.
#![expect(unsafe_code, reason = "writes to memory that was linked")]

use core::sync::atomic::{AtomicU64, Ordering};

use crate::base::{TargetAddr, int};

/// A word that holds the address of a function's body. It is there as long as its chunk of entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot(TargetAddr);

impl Slot {
    /// The slot at an address, which a chunk of entries gave.
    pub(super) const fn at(address: TargetAddr) -> Self {
        Self(address)
    }

    fn word(&self) -> &AtomicU64 {
        let address = int::to_usize(self.0.value());
        let pointer = core::ptr::with_exposed_provenance_mut::<u64>(address);
        // SAFETY: entries are made of memory of this program alone, as the builder sees to; the word is aligned, writable and
        // mapped as long as the entry is known, and nothing but the stub's load and these atomics touches it.
        unsafe { AtomicU64::from_ptr(pointer) }
    }

    /// Where callers are led.
    pub(super) fn load(&self) -> TargetAddr {
        TargetAddr::new(self.word().load(Ordering::SeqCst))
    }

    /// Leads callers there from now on. The code there was written, and made known to instruction caches, before.
    pub(super) fn store(&self, body: TargetAddr) {
        self.word().store(body.value(), Ordering::SeqCst);
    }
}
