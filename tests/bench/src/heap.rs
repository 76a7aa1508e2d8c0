//! The heap of this process, which can be asked for its peak.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether allocations are counted.
static IS_COUNTING: AtomicBool = AtomicBool::new(false);
static USED_BYTES: AtomicUsize = AtomicUsize::new(0);
static PEAK_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The system's heap. It counts only while it is asked to: where times are taken, each allocation costs one more look.
pub(crate) struct Counting;

/// Lets the process keep all memory that is freed, as a kernel's heap does. By itself the system's allocator gives large pieces back
/// and takes them anew, page by page, and how large those are it learns from who ran before.
pub(crate) fn keep_what_is_freed() {
    #[cfg(target_env = "gnu")]
    for (parameter, value) in [
        // No piece is taken from the system by itself, and none at the end is given back.
        (libc::M_MMAP_MAX, 0),
        (libc::M_TRIM_THRESHOLD, libc::c_int::MAX),
    ] {
        // SAFETY: it sets a number of the allocator's, before any other thread is there.
        let is_set = unsafe { libc::mallopt(parameter, value) };
        assert_eq!(is_set, 1, "the allocator takes no such parameter");
    }
}

/// Runs `work`, and says by how many bytes the heap grew at most.
pub(crate) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    USED_BYTES.store(0, Ordering::Relaxed);
    PEAK_BYTES.store(0, Ordering::Relaxed);
    IS_COUNTING.store(true, Ordering::Relaxed);
    let done = work();
    IS_COUNTING.store(false, Ordering::Relaxed);
    (done, PEAK_BYTES.load(Ordering::Relaxed))
}

fn grow(bytes: usize) {
    if IS_COUNTING.load(Ordering::Relaxed) {
        let used = USED_BYTES.fetch_add(bytes, Ordering::Relaxed) + bytes;
        PEAK_BYTES.fetch_max(used, Ordering::Relaxed);
    }
}

fn shrink(bytes: usize) {
    if IS_COUNTING.load(Ordering::Relaxed) {
        // What was allocated before is no part of the count.
        let less = |used: usize| Some(used.saturating_sub(bytes));
        let _ = USED_BYTES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

// SAFETY: the system's heap does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller answers for the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller answers for the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: the caller answers for the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grow(size);
        shrink(layout.size());
        // SAFETY: the caller answers for the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use super::peak_of;

    #[test]
    fn the_peak_is_what_was_held_at_once() {
        let (_, peak_bytes) = peak_of(|| {
            for _ in 0..3 {
                drop(vec![0_u8; 1 << 20]);
            }
        });
        // Other tests' threads may allocate meanwhile, a little.
        assert!((1 << 20..2 << 20).contains(&peak_bytes), "{peak_bytes}");
    }
}
