//! The heap: a region dealt out to size classes and large blocks.
#![expect(unsafe_code, reason = "memory is dealt out by pointers")]

use core::alloc::Layout;
use core::ptr::NonNull;

use linked_list_allocator::Heap;

use crate::base::OutOfMemory;

use super::class::Class;
use super::statistics::{LargeStatistics, SlabStatistics};
use super::{CLASS_SIZES_BYTES, CLASSES, NotAllocated};

/// Large blocks are multiples of this, so that what is cut off one is never too small for a hole.
const LARGE_GRAIN_BYTES: usize = 64;

/// The part of the region that small blocks get: one in this many.
const SMALL_SHARE: usize = 2;

/// What shares are aligned to: at least the largest block.
const SHARE_ALIGNMENT: usize = 4096;

/// A heap over one region of memory. See the [module](super) for how it is dealt out.
pub struct Slab {
    classes: [Class; CLASSES],
    /// The address of the first share, and the size of each.
    shares_start: usize,
    share_bytes: usize,
    large: Heap,
    large_peak_bytes: usize,
    small_used_bytes: usize,
    peak_bytes: usize,
    refused_frees: usize,
}

// SAFETY: the region is the heap's alone, wherever the heap is.
unsafe impl Send for Slab {}

impl Slab {
    /// A heap without memory.
    pub const fn empty() -> Self {
        Self {
            classes: [Class::EMPTY; CLASSES],
            shares_start: 0,
            share_bytes: 0,
            large: Heap::empty(),
            large_peak_bytes: 0,
            small_used_bytes: 0,
            peak_bytes: 0,
            refused_frees: 0,
        }
    }

    /// A heap over `size_bytes` bytes from `start`. Less than 128 KiB give room for large blocks alone.
    ///
    /// # Safety
    /// The memory is the heap's alone from now on, readable and writable.
    pub unsafe fn new(start: NonNull<u8>, size_bytes: usize) -> Self {
        let mut slab = Self::empty();
        let skipped = start.align_offset(SHARE_ALIGNMENT).min(size_bytes);
        let size_bytes = size_bytes.wrapping_sub(skipped);
        let share_bytes = size_bytes.wrapping_div(SMALL_SHARE).wrapping_div(CLASSES)
            & SHARE_ALIGNMENT.wrapping_neg();
        // SAFETY: at most the region's size.
        let mut share = unsafe { start.add(skipped) };
        slab.shares_start = share.addr().get();
        slab.share_bytes = share_bytes;
        for (class, block_bytes) in slab.classes.iter_mut().zip(CLASS_SIZES_BYTES) {
            // SAFETY: each share is a part of the region of its own, aligned to more than the largest block.
            *class = unsafe { Class::new(share, share_bytes, block_bytes) };
            // SAFETY: the shares are half of the region at most.
            share = unsafe { share.add(share_bytes) };
        }
        let large_bytes = size_bytes.wrapping_sub(share_bytes.wrapping_mul(CLASSES));
        if large_bytes > LARGE_GRAIN_BYTES {
            // SAFETY: the rest of the region belongs to the large blocks alone.
            unsafe { slab.large.init(share.as_ptr(), large_bytes) };
        }
        slab
    }

    /// A block for this layout.
    ///
    /// # Errors
    /// No class has a block that is large enough, and no hole is.
    pub fn allocate(&mut self, layout: Layout) -> Result<NonNull<u8>, OutOfMemory> {
        let pointer = match self.allocate_small(layout) {
            Some(pointer) => pointer,
            None => self.allocate_large(layout)?,
        };
        let used_bytes = self.small_used_bytes.wrapping_add(self.large.used());
        self.peak_bytes = self.peak_bytes.max(used_bytes);
        Ok(pointer)
    }

    /// Takes back a block.
    ///
    /// # Errors
    /// The address isn't that of a block that is out; nothing has changed, and [`SlabStatistics::refused_frees`]
    /// counts it. For large blocks only what lies outside or is misaligned is noticed.
    ///
    /// # Safety
    /// Nobody uses the block any more; a large block was given for this layout.
    pub unsafe fn free(
        &mut self,
        pointer: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), NotAllocated> {
        let result = match self.class_of(pointer) {
            Some(class) => class.free(pointer).map(|()| class.block_bytes()),
            // SAFETY: passed on from the caller.
            None => unsafe { self.free_large(pointer, layout) }.map(|()| 0),
        };
        match result {
            Ok(block_bytes) => {
                self.small_used_bytes = self.small_used_bytes.wrapping_sub(block_bytes);
                Ok(())
            }
            Err(error) => {
                self.refused_frees = self.refused_frees.saturating_add(1);
                Err(error)
            }
        }
    }

    /// Whether the block can be `new_size` bytes from now on, where it is. A large block that shrinks gives back
    /// its end.
    ///
    /// # Safety
    /// The block is out, for this layout; if the answer is yes, it is for the new size from now on.
    pub unsafe fn resize_in_place(
        &mut self,
        pointer: NonNull<u8>,
        layout: Layout,
        new_size: usize,
    ) -> bool {
        if let Some(class) = self.class_of(pointer) {
            return new_size <= class.block_bytes();
        }
        let Ok(new_layout) = Layout::from_size_align(new_size, layout.align()) else {
            return false;
        };
        let (Some(old), Some(new)) = (large_layout(layout), large_layout(new_layout)) else {
            return false;
        };
        let Some(cut_off) = old.size().checked_sub(new.size()) else {
            return false;
        };
        if let Ok(end_layout) = Layout::from_size_align(cut_off, 1)
            && cut_off != 0
        {
            // SAFETY: the end lies in the block, which is longer than `new`.
            let end = unsafe { pointer.add(new.size()) };
            // SAFETY: the end is nobody's any more, and its size is a multiple of the grain, as for a block.
            unsafe { self.large.deallocate(end, end_layout) };
        }
        true
    }

    /// Counts the peaks of all bytes, and of large blocks, from what is out now.
    pub fn forget_peaks(&mut self) {
        self.peak_bytes = self.statistics().used_bytes;
        self.large_peak_bytes = self.large.used();
    }

    /// The counts.
    pub fn statistics(&self) -> SlabStatistics {
        SlabStatistics {
            classes: self.classes.each_ref().map(Class::statistics),
            large: LargeStatistics {
                used_bytes: self.large.used(),
                free_bytes: self.large.free(),
                peak_bytes: self.large_peak_bytes,
            },
            used_bytes: self.small_used_bytes.wrapping_add(self.large.used()),
            peak_bytes: self.peak_bytes,
            refused_frees: self.refused_frees,
        }
    }

    fn allocate_small(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let wanted_bytes = layout.size().max(layout.align());
        let large_enough = |class: &&mut Class| class.block_bytes() >= wanted_bytes;
        let mut classes = self.classes.iter_mut().filter(large_enough);
        let (pointer, block_bytes) =
            classes.find_map(|class| Some((class.allocate()?, class.block_bytes())))?;
        self.small_used_bytes = self.small_used_bytes.wrapping_add(block_bytes);
        Some(pointer)
    }

    fn allocate_large(&mut self, layout: Layout) -> Result<NonNull<u8>, OutOfMemory> {
        let layout = large_layout(layout).ok_or(OutOfMemory)?;
        let pointer = self
            .large
            .allocate_first_fit(layout)
            .map_err(|()| OutOfMemory)?;
        self.large_peak_bytes = self.large_peak_bytes.max(self.large.used());
        Ok(pointer)
    }

    /// # Safety
    /// As for [`free`](Self::free).
    unsafe fn free_large(
        &mut self,
        pointer: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), NotAllocated> {
        let layout = large_layout(layout).ok_or(NotAllocated)?;
        let (bottom, top) = (self.large.bottom().addr(), self.large.top().addr());
        let first = pointer.addr().get();
        let fits = first
            .checked_add(layout.size())
            .is_some_and(|end| bottom <= first && end <= top);
        if !fits || first & layout.align().wrapping_sub(1) != 0 {
            return Err(NotAllocated);
        }
        // SAFETY: the caller vouches that it is a block of this layout.
        unsafe { self.large.deallocate(pointer, layout) };
        Ok(())
    }

    /// The class in whose share the address lies.
    fn class_of(&mut self, pointer: NonNull<u8>) -> Option<&mut Class> {
        let offset = pointer.addr().get().checked_sub(self.shares_start)?;
        self.classes.get_mut(offset.checked_div(self.share_bytes)?)
    }
}

/// The layout that a large block has: a multiple of the grain.
fn large_layout(layout: Layout) -> Option<Layout> {
    let size_bytes = layout
        .size()
        .max(1)
        .checked_next_multiple_of(LARGE_GRAIN_BYTES)?;
    Layout::from_size_align(size_bytes, layout.align().max(align_of::<usize>())).ok()
}
