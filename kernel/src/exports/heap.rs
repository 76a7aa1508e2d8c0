//! `malloc` and its family (C17 7.22.3; `posix_memalign` as in POSIX), on the kernel's global allocator. It may run out:
//! then they return null, and `errno` is `ENOMEM`.
//!
//! In front of each block a header keeps what the allocator must be told again, so that a foreign or freed address is found
//! out and ends the call with a named error instead of corrupting the kernel's heap.

use alloc::alloc::{alloc, alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::ffi::{c_int, c_void};
use core::ptr;

use super::host::abort;
use super::{errno, raw};

/// What `malloc`'s blocks are aligned to: `max_align_t` on both machines.
pub(super) const ALIGNMENT: usize = 16;

/// What lies in the 16 bytes before a block.
#[derive(Clone, Copy)]
#[repr(C)]
struct Header {
    size_bytes: usize,
    /// The block's alignment, and thereby its distance from the allocation's start, under `LIVE`.
    seal: usize,
}

impl Header {
    /// No alignment, whatever is done to one bit of it.
    const LIVE: usize = 0x4952_4f4e_4c49_4e4b;

    const fn new(size_bytes: usize, alignment: usize) -> Self {
        Self {
            size_bytes,
            seal: alignment ^ Self::LIVE,
        }
    }

    /// The alignment, if this is the header of a live block.
    fn alignment(self) -> Option<usize> {
        let alignment = self.seal ^ Self::LIVE;
        (alignment >= ALIGNMENT && alignment.is_power_of_two()).then_some(alignment)
    }

    fn place(block: *mut u8) -> *mut Self {
        block.wrapping_sub(size_of::<Self>()).cast()
    }
}

const _: () = assert!(size_of::<Header>() == ALIGNMENT);

/// A new block whose address is a multiple of `alignment`: a power of two, 16 at least. Null, and `ENOMEM`, when there is
/// no memory.
pub(super) fn allocate(size_bytes: usize, alignment: usize) -> *mut u8 {
    allocate_by(alloc, size_bytes, alignment)
}

/// The same, all bytes 0.
fn allocate_zeroed(size_bytes: usize) -> *mut u8 {
    allocate_by(alloc_zeroed, size_bytes, ALIGNMENT)
}

fn allocate_by(
    allocator: unsafe fn(Layout) -> *mut u8,
    size_bytes: usize,
    alignment: usize,
) -> *mut u8 {
    let start = match layout(size_bytes, alignment) {
        // SAFETY: a header's size at least is asked for.
        Some(layout) => unsafe { allocator(layout) },
        None => ptr::null_mut(),
    };
    if start.is_null() {
        errno::set(errno::ENOMEM);
        return start;
    }
    let block = start.wrapping_add(alignment);
    // SAFETY: the header lies inside the allocation, before the block.
    unsafe { raw::store(Header::place(block), Header::new(size_bytes, alignment)) };
    block
}

/// The block, and as many bytes before it as it is aligned to, which hold the header.
fn layout(size_bytes: usize, alignment: usize) -> Option<Layout> {
    Layout::from_size_align(size_bytes.checked_add(alignment)?, alignment).ok()
}

/// Gives a block back. Null is nothing.
///
/// # Safety
/// The block came from this file, and nothing uses it any more. If it didn't, or was given back before, the call most often
/// ends with a named error.
pub(super) unsafe fn release(function: &str, block: *mut u8) {
    if block.is_null() {
        return;
    }
    // SAFETY: the caller's promise.
    let header = unsafe { header_of(function, block) };
    let alignment = block_alignment(function, block, header);
    // SAFETY: the header is this block's own.
    unsafe {
        raw::store(
            Header::place(block),
            Header {
                size_bytes: 0,
                seal: 0,
            },
        )
    };
    let Some(layout) = layout(header.size_bytes, alignment) else {
        return;
    };
    // SAFETY: the start and the layout are the ones of the allocation.
    unsafe { dealloc(block.wrapping_sub(alignment), layout) }
}

/// # Safety
/// The 16 bytes before `block` can be read.
unsafe fn header_of(function: &str, block: *mut u8) -> Header {
    if !block.addr().is_multiple_of(ALIGNMENT) {
        abort!("{function}: {block:p} is no block of the heap");
    }
    // SAFETY: the caller's promise.
    unsafe { raw::load(Header::place(block)) }
}

fn block_alignment(function: &str, block: *mut u8, header: Header) -> usize {
    let Some(alignment) = header.alignment() else {
        abort!(
            "{function}: {block:p} is no live block of the heap (freed twice, or overwritten before its start)"
        );
    };
    alignment
}

extern "C" fn malloc(size_bytes: usize) -> *mut c_void {
    allocate(size_bytes, ALIGNMENT).cast()
}

extern "C" fn calloc(count: usize, size_bytes: usize) -> *mut c_void {
    match count.checked_mul(size_bytes) {
        Some(total) => allocate_zeroed(total).cast(),
        None => out_of_memory(),
    }
}

unsafe extern "C" fn free(block: *mut c_void) {
    // SAFETY: the module's promise.
    unsafe { release("free", block.cast()) }
}

/// The block moves; if there is no memory it stays as it is.
unsafe extern "C" fn realloc(block: *mut c_void, size_bytes: usize) -> *mut c_void {
    if block.is_null() {
        return malloc(size_bytes);
    }
    // SAFETY: the module's promise.
    let old = unsafe { header_of("realloc", block.cast()) };
    // C doesn't promise the alignment of `aligned_alloc` to a moved block; keeping it costs nothing.
    let alignment = block_alignment("realloc", block.cast(), old);
    let new = allocate(size_bytes, alignment);
    if !new.is_null() {
        // SAFETY: both blocks have so many bytes, and are different allocations.
        unsafe { new.copy_from_nonoverlapping(block.cast(), old.size_bytes.min(size_bytes)) };
        // SAFETY: the module gives the old block up.
        unsafe { release("realloc", block.cast()) };
    }
    new.cast()
}

unsafe extern "C" fn reallocarray(
    block: *mut c_void,
    count: usize,
    size_bytes: usize,
) -> *mut c_void {
    match count.checked_mul(size_bytes) {
        // SAFETY: the module's promise.
        Some(total) => unsafe { realloc(block, total) },
        None => out_of_memory(),
    }
}

extern "C" fn aligned_alloc(alignment: usize, size_bytes: usize) -> *mut c_void {
    if !alignment.is_power_of_two() {
        errno::set(errno::EINVAL);
        return ptr::null_mut();
    }
    allocate(size_bytes, alignment.max(ALIGNMENT)).cast()
}

/// Reports by its result and leaves `errno` alone.
unsafe extern "C" fn posix_memalign(
    place: *mut *mut c_void,
    alignment: usize,
    size_bytes: usize,
) -> c_int {
    if !alignment.is_power_of_two() || alignment < size_of::<*mut c_void>() {
        return errno::EINVAL;
    }
    let errno_before = errno::get();
    let block = allocate(size_bytes, alignment.max(ALIGNMENT));
    if block.is_null() {
        errno::set(errno_before);
        return errno::ENOMEM;
    }
    // SAFETY: the module's promise.
    unsafe { raw::store(place, block.cast()) };
    0
}

/// `size_t malloc_usable_size(void *)`, of glibc.
unsafe extern "C" fn malloc_usable_size(block: *mut c_void) -> usize {
    if block.is_null() {
        return 0;
    }
    // SAFETY: the module's promise.
    unsafe { header_of("malloc_usable_size", block.cast()) }.size_bytes
}

fn out_of_memory() -> *mut c_void {
    errno::set(errno::ENOMEM);
    ptr::null_mut()
}

exports! {
    pub(super) static EXPORTS:
    function malloc(_) -> _;
    function calloc(_, _) -> _;
    function free(_);
    function realloc(_, _) -> _;
    function reallocarray(_, _, _) -> _;
    function aligned_alloc(_, _) -> _;
    function aligned_alloc(_, _) -> _ as "memalign";
    function posix_memalign(_, _, _) -> _;
    function malloc_usable_size(_) -> _;
}

#[cfg(test)]
mod tests {
    use core::ffi::c_void;
    use core::ptr;
    use std::string::String;

    use super::{
        ALIGNMENT, aligned_alloc, calloc, free, malloc, posix_memalign, realloc, reallocarray,
    };
    use crate::exports::test_host::{Ending, ending};
    use crate::exports::{errno, raw};

    fn fill(block: *mut c_void, size_bytes: usize) {
        // SAFETY: a block of this size.
        unsafe { raw::bytes_mut(block, size_bytes) }.fill(7);
    }

    #[test]
    fn blocks_are_aligned_whatever_their_size() {
        for size_bytes in [0, 1, 15, 16, 17, 4096, 100_000] {
            let block = malloc(size_bytes);
            assert!(!block.is_null() && block.addr().is_multiple_of(ALIGNMENT));
            fill(block, size_bytes);
            // SAFETY: the block is given up.
            unsafe { free(block) };
        }
        for alignment in [1, 8, 16, 64, 4096] {
            let block = aligned_alloc(alignment, 100);
            assert!(!block.is_null() && block.addr().is_multiple_of(alignment));
            fill(block, 100);
            // SAFETY: the block is given up.
            unsafe { free(block) };
        }
    }

    #[test]
    fn a_resized_block_keeps_its_bytes() {
        let block = malloc(4);
        fill(block, 4);
        // SAFETY: the block is live.
        let larger = unsafe { realloc(block, 1000) };
        // SAFETY: the first bytes were written.
        assert_eq!(unsafe { raw::bytes(larger, 4) }, [7; 4]);
        // SAFETY: the block is live.
        let smaller = unsafe { realloc(larger, 2) };
        // SAFETY: the first bytes were written.
        assert_eq!(unsafe { raw::bytes(smaller, 2) }, [7; 2]);
        // SAFETY: the block is given up.
        unsafe { free(smaller) };
        // SAFETY: null is no block.
        unsafe { free(ptr::null_mut()) };
    }

    #[test]
    fn sizes_that_overflow_are_out_of_memory() {
        errno::set(0);
        assert!(calloc(usize::MAX / 2, 3).is_null());
        // Which number, another test running at the same time may have changed.
        assert_ne!(errno::get(), 0);
        assert!(malloc(usize::MAX - 4).is_null());
        assert!(aligned_alloc(4096, usize::MAX - 4096).is_null());
        // SAFETY: null is no block.
        assert!(unsafe { reallocarray(ptr::null_mut(), usize::MAX, 2) }.is_null());
    }

    #[test]
    fn posix_memalign_refuses_what_is_no_alignment() {
        let mut block = ptr::null_mut();
        // SAFETY: the place can be written.
        let results =
            [3, 4, 24].map(|alignment| unsafe { posix_memalign(&raw mut block, alignment, 8) });
        assert_eq!((results, block), ([errno::EINVAL; 3], ptr::null_mut()));
    }

    #[test]
    fn zeroed_blocks_are_zero() {
        let block = calloc(10, 10);
        // SAFETY: a block of this size.
        assert_eq!(unsafe { raw::bytes(block, 100) }, [0; 100]);
        // SAFETY: the block is given up.
        unsafe { free(block) };
    }

    #[test]
    fn an_address_that_is_no_block_ends_the_call_by_name() {
        let ending = ending(|| {
            let words = [0_u64; 8];
            let inside = words
                .as_ptr()
                .wrapping_add(4)
                .map_addr(|address| address.next_multiple_of(16));
            // SAFETY: what lies before it can be read.
            unsafe { free(inside.cast_mut().cast()) };
        });
        let Ending::Aborted(reason) = ending else {
            panic!("{ending:?}")
        };
        assert!(reason.starts_with("free: 0x"), "{reason}");
        assert!(
            reason.contains(&String::from("is no live block of the heap")),
            "{reason}"
        );
    }
}
