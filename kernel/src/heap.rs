//! The kernel's heap: a slab over one stretch of memory.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU64, Ordering};

use ironlink::memory::slab::{LockedSlab, SlabStatistics};

/// The slab, behind a count that lets tests use it up.
struct Heap {
    slab: LockedSlab,
    /// How many more allocations succeed.
    allowance: AtomicU64,
}

#[global_allocator]
static HEAP: Heap = Heap {
    slab: LockedSlab::empty(),
    allowance: AtomicU64::new(u64::MAX),
};

/// Gives the heap its memory. Until then every allocation fails.
///
/// # Safety
/// Called once. The `size_bytes` bytes from `start` on are mapped readable and writable for the kernel's life, and nobody
/// else's.
pub(crate) unsafe fn init(start: NonNull<u8>, size_bytes: usize) {
    // SAFETY: this function has the same contract.
    unsafe { HEAP.slab.init(start, size_bytes) };
}

/// How the heap is used.
pub fn statistics() -> SlabStatistics {
    HEAP.slab.statistics()
}

/// Counts the peak from what is out now.
pub fn forget_peaks() {
    HEAP.slab.forget_peaks();
}

/// Lets this many more allocations succeed, and no other until it is set again; `None` lets all. For tests.
pub fn set_allowance(allocations: Option<u64>) {
    let allowance = allocations.unwrap_or(u64::MAX);
    HEAP.allowance.store(allowance, Ordering::Relaxed);
}

/// Whether the heap is being changed: what it contains is then of no form.
pub(crate) fn is_locked() -> bool {
    HEAP.slab.try_statistics().is_none()
}

impl Heap {
    /// Counts an allocation; whether it may be made.
    fn is_allowed(&self) -> bool {
        let less = |left: u64| match left {
            u64::MAX => Some(left),
            _ => left.checked_sub(1),
        };
        self.allowance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

// SAFETY: the slab keeps the contract; an allocation that is not allowed fails, as any may.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !self.is_allowed() {
            return ptr::null_mut();
        }
        // SAFETY: this method has the same contract.
        unsafe { self.slab.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: this method has the same contract.
        unsafe { self.slab.dealloc(pointer, layout) };
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !self.is_allowed() {
            return ptr::null_mut();
        }
        // SAFETY: this method has the same contract.
        unsafe { self.slab.realloc(pointer, layout, new_size) }
    }
}
