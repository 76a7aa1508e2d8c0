//! The kernel's heap.

use core::alloc::{GlobalAlloc, Layout};

/// Whether the heap is being changed.
pub(crate) fn is_locked() -> bool {
    false
}

/// No heap yet: every allocation fails.
struct NoHeap;

#[global_allocator]
static HEAP: NoHeap = NoHeap;

// SAFETY: nothing is ever given out.
unsafe impl GlobalAlloc for NoHeap {
    unsafe fn alloc(&self, _layout: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _pointer: *mut u8, _layout: Layout) {}
}
