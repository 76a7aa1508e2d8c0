//! What the heap does, whatever is asked of it.
#![expect(unsafe_code, reason = "the heaps under test own their memory")]

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use std::alloc::{alloc, dealloc};
use std::collections::BTreeMap;
use std::vec::Vec;

use super::{CLASS_SIZES_BYTES, LockedSlab, NotAllocated, Slab};
use crate::base::OutOfMemory;

/// A heap and the memory that it lives in.
struct TestHeap {
    slab: Slab,
    memory: NonNull<u8>,
    layout: Layout,
}

impl TestHeap {
    fn new(size_bytes: usize) -> Self {
        let layout = Layout::from_size_align(size_bytes, 16).unwrap();
        // SAFETY: the layout isn't empty.
        let memory = NonNull::new(unsafe { alloc(layout) }).unwrap();
        // SAFETY: just allocated, and freed only after the last use.
        let slab = unsafe { Slab::new(memory, size_bytes) };
        Self {
            slab,
            memory,
            layout,
        }
    }

    fn free(&mut self, pointer: NonNull<u8>, layout: Layout) -> Result<(), NotAllocated> {
        // SAFETY: tests give back what they got, or what the heap must refuse.
        unsafe { self.slab.free(pointer, layout) }
    }

    /// Takes blocks of this layout until there are no more.
    fn exhaust(&mut self, layout: Layout) -> Vec<NonNull<u8>> {
        core::iter::from_fn(|| self.slab.allocate(layout).ok()).collect()
    }
}

impl Drop for TestHeap {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.memory.as_ptr(), self.layout) };
    }
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

#[test]
fn blocks_are_aligned_and_apart() {
    let mut heap = TestHeap::new(1 << 20);
    let mut seen = BTreeMap::new();
    for (size, align) in [
        (1, 1),
        (16, 16),
        (17, 8),
        (3, 256),
        (2048, 8),
        (2049, 8),
        (5000, 4096),
    ] {
        for _ in 0..10 {
            let pointer = heap.slab.allocate(layout(size, align)).unwrap();
            assert_eq!(pointer.addr().get() % align, 0);
            seen.insert(pointer.addr().get(), size);
        }
    }
    assert_eq!(seen.len(), 70);
    for (first, second) in seen.iter().zip(seen.iter().skip(1)) {
        assert!(first.0 + first.1 <= *second.0);
    }
}

#[test]
fn all_given_back_is_as_before() {
    let mut heap = TestHeap::new(1 << 20);
    let before = heap.slab.statistics();
    for size in [1, 16, 100, 2048, 4000, 70_000] {
        let layout = layout(size, 8);
        let all = heap.exhaust(layout);
        assert_eq!(heap.slab.allocate(layout), Err(OutOfMemory));
        assert!(all.len() > 3);
        for pointer in all.into_iter().rev() {
            heap.free(pointer, layout).unwrap();
        }
        let after = heap.slab.statistics();
        assert_eq!(after.in_use(), before.in_use());
        assert_eq!((after.used_bytes, after.refused_frees), (0, 0));
    }
    assert!(heap.slab.statistics().peak_bytes > (1 << 20) * 9 / 10);
}

#[test]
fn a_class_that_is_used_up_borrows_from_the_larger_ones() {
    let mut heap = TestHeap::new(1 << 20);
    let small = layout(16, 1);
    let capacity = heap.slab.statistics().classes[0].capacity;
    let mut all: Vec<_> = (0..=capacity)
        .map(|_| heap.slab.allocate(small).unwrap())
        .collect();
    let counts = heap.slab.statistics().classes;
    assert_eq!((counts[0].live, counts[1].live), (capacity, 1));
    heap.free(all.pop().unwrap(), small).unwrap();
    assert_eq!(heap.slab.statistics().classes[1].live, 0);
}

#[test]
fn what_is_not_out_is_refused() {
    let mut heap = TestHeap::new(1 << 20);
    for size in CLASS_SIZES_BYTES {
        let layout = layout(size, 1);
        let pointer = heap.slab.allocate(layout).unwrap();
        let inside = pointer.map_addr(|address| address.saturating_add(size / 2));
        assert_eq!(heap.free(inside, layout), Err(NotAllocated));
        let never_out = pointer.map_addr(|address| address.saturating_add(size));
        assert_eq!(heap.free(never_out, layout), Err(NotAllocated));
        heap.free(pointer, layout).unwrap();
        assert_eq!(heap.free(pointer, layout), Err(NotAllocated));
    }
    let outside = heap
        .memory
        .map_addr(|address| address.saturating_add(1 << 20));
    assert_eq!(heap.free(outside, layout(4096, 1)), Err(NotAllocated));
    assert_eq!(heap.slab.statistics().refused_frees, 25);
    assert_eq!(heap.slab.statistics().used_bytes, 0);
}

#[test]
fn a_heap_without_memory_gives_nothing() {
    let heap = LockedSlab::empty();
    // SAFETY: the layout isn't empty.
    let pointer = unsafe { heap.alloc(layout(16, 1)) };
    assert!(pointer.is_null());
    for size_bytes in [1, 64, 4096, 10_000, 70_000, 140_000] {
        let mut heap = TestHeap::new(size_bytes);
        let blocks = heap.exhaust(layout(64, 8));
        assert!(blocks.len() * 64 <= size_bytes);
    }
}

#[test]
fn growing_moves_the_contents_and_shrinking_never_fails() {
    let region = TestHeap::new(1 << 20);
    let heap = LockedSlab::empty();
    // SAFETY: the region's own heap isn't used.
    unsafe { heap.init(region.memory, region.layout.size()) };
    let before = heap.statistics().in_use();
    let mut size = 10;
    // SAFETY: the layout isn't empty.
    let mut pointer = unsafe { heap.alloc(layout(size, 8)) };
    // SAFETY: the block has that many bytes.
    unsafe { pointer.write_bytes(7, size) };
    for new_size in [15, 17, 3000, 3100, 100_000, 5000, 4990, 64] {
        // SAFETY: the block is out, with this size.
        pointer = unsafe { heap.realloc(pointer, layout(size, 8), new_size) };
        assert!(!pointer.is_null());
        // SAFETY: the first ten bytes were written.
        let kept = unsafe { core::slice::from_raw_parts(pointer, 10) };
        assert_eq!(kept, [7; 10]);
        size = new_size;
    }
    // SAFETY: as above.
    assert!(unsafe { heap.realloc(pointer, layout(size, 8), 1 << 30) }.is_null());
    // SAFETY: as above.
    unsafe { heap.dealloc(pointer, layout(size, 8)) };
    assert_eq!(heap.statistics().in_use(), before);
}
