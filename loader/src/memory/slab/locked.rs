//! The heap behind a lock, to be a program's global allocator.
#![expect(unsafe_code, reason = "implements the global allocator's interface")]

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{self, NonNull};

use spin::Mutex;

use super::region::Slab;
use super::statistics::SlabStatistics;

/// A [`Slab`] behind a spinning lock. It is empty until [`init`](Self::init) gives it memory.
///
/// The lock doesn't hold back interrupts: handlers must not allocate.
pub struct LockedSlab {
    slab: Mutex<Slab>,
}

impl LockedSlab {
    /// A heap without memory.
    pub const fn empty() -> Self {
        Self {
            slab: Mutex::new(Slab::empty()),
        }
    }

    /// Gives the heap its memory, instead of what it had before.
    ///
    /// # Safety
    /// As for [`Slab::new`]; nothing is out of the heap as it was before.
    pub unsafe fn init(&self, start: NonNull<u8>, size_bytes: usize) {
        // SAFETY: passed on from the caller.
        *self.slab.lock() = unsafe { Slab::new(start, size_bytes) };
    }

    /// The counts.
    pub fn statistics(&self) -> SlabStatistics {
        self.slab.lock().statistics()
    }

    /// Counts the peaks of all bytes, and of large blocks, from what is out now.
    pub fn forget_peaks(&self) {
        self.slab.lock().forget_peaks();
    }

    /// The counts; `None` if the lock is held. For reports of faults, which may have happened under it.
    pub fn try_statistics(&self) -> Option<SlabStatistics> {
        self.slab.try_lock().map(|slab| slab.statistics())
    }
}

// SAFETY: blocks are aligned, of the size asked for at least, and apart from each other until they come back.
unsafe impl GlobalAlloc for LockedSlab {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.slab.lock().allocate(layout) {
            Ok(pointer) => pointer.as_ptr(),
            Err(_) => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if let Some(pointer) = NonNull::new(pointer) {
            // A refusal is counted; there is nobody to tell. SAFETY: the interface asks its callers for the same.
            let _ = unsafe { self.slab.lock().free(pointer, layout) };
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (Some(old), Ok(new_layout)) = (
            NonNull::new(pointer),
            Layout::from_size_align(new_size, layout.align()),
        ) else {
            return ptr::null_mut();
        };
        // SAFETY: the interface asks its callers for the same.
        if unsafe { self.slab.lock().resize_in_place(old, layout, new_size) } {
            return pointer;
        }
        let Ok(new) = self.slab.lock().allocate(new_layout) else {
            return ptr::null_mut();
        };
        let kept_bytes = layout.size().min(new_size);
        // SAFETY: both blocks are at least that long, and apart.
        unsafe { old.copy_to_nonoverlapping(new, kept_bytes) };
        // SAFETY: the contents have moved; the interface's callers don't use the old block any more.
        unsafe { self.dealloc(pointer, layout) };
        new.as_ptr()
    }
}
