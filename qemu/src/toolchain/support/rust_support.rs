//! What a Rust module finds beneath it: an allocator over C's `malloc`, and a panic handler that writes its message to
//! standard error and aborts. Compiled by the same rustc as the module and linked beside it.
#![no_std]

extern crate alloc;

use core::{
    alloc::{GlobalAlloc, Layout},
    ffi::{c_int, c_void},
    fmt::{self, Write},
    panic::PanicInfo,
    ptr,
};

unsafe extern "C" {
    fn malloc(size_bytes: usize) -> *mut c_void;
    fn calloc(count: usize, size_bytes: usize) -> *mut c_void;
    fn realloc(block: *mut c_void, size_bytes: usize) -> *mut c_void;
    fn free(block: *mut c_void);
    fn write(file: c_int, bytes: *const c_void, len: usize) -> isize;
    fn abort() -> !;
}

/// The alignment that `malloc` gives without being asked, as both machines' ABIs have it.
const MALLOC_ALIGNMENT: usize = 16;

struct Malloc;

#[global_allocator]
static ALLOCATOR: Malloc = Malloc;

// SAFETY: `malloc` gives blocks that no other owner has; `alloc_aligned` keeps within one such block.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > MALLOC_ALIGNMENT {
            return alloc_aligned(layout);
        }
        // SAFETY: `malloc` takes any size.
        unsafe { malloc(layout.size()) }.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= MALLOC_ALIGNMENT {
            // SAFETY: `calloc` takes any size.
            return unsafe { calloc(layout.size(), 1) }.cast();
        }
        let block = alloc_aligned(layout);
        if !block.is_null() {
            // SAFETY: the block has `layout.size()` bytes.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller had the block from `alloc` with this layout, hence from `malloc` or `alloc_aligned`.
        unsafe { free(start_of(block, layout)) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if layout.align() <= MALLOC_ALIGNMENT {
            // SAFETY: the block is one of `malloc`'s.
            return unsafe { realloc(block.cast(), new_size) }.cast();
        }
        // SAFETY: the caller promises that the new size, rounded up to the alignment, fits an `isize`.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let new_block = alloc_aligned(new_layout);
        if !new_block.is_null() {
            // SAFETY: both blocks have that many bytes, and are two.
            unsafe { ptr::copy_nonoverlapping(block, new_block, layout.size().min(new_size)) };
            // SAFETY: the block was `alloc_aligned`'s and is given up.
            unsafe { free(start_of(block, layout)) };
        }
        new_block
    }
}

/// A block at a larger alignment than `malloc`'s. The word before it says where its `malloc` block starts.
fn alloc_aligned(layout: Layout) -> *mut u8 {
    let Some(size_bytes) = layout.size().checked_add(layout.align()) else {
        return ptr::null_mut();
    };
    // SAFETY: `malloc` takes any size.
    let start: *mut u8 = unsafe { malloc(size_bytes) }.cast();
    if start.is_null() {
        return start;
    }
    // The distance is at least 16, since `malloc` aligns to 16 and the block's alignment is a larger power of two.
    let distance = layout.align() - start.addr() % layout.align();
    // SAFETY: the distance is at most the alignment, which was added to the size.
    let block = unsafe { start.add(distance) };
    // SAFETY: at least 16 bytes lie before the block, and both ends are aligned to 16.
    unsafe { block.cast::<*mut u8>().sub(1).write(start) };
    block
}

/// The `malloc` block that `block` lies in.
///
/// # Safety
/// The block was allocated with this layout.
unsafe fn start_of(block: *mut u8, layout: Layout) -> *mut c_void {
    if layout.align() <= MALLOC_ALIGNMENT {
        return block.cast();
    }
    // SAFETY: `alloc_aligned` wrote the start there.
    unsafe { block.cast::<*mut c_void>().sub(1).read() }
}

struct StandardError;

impl Write for StandardError {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: the text is that long.
        unsafe { write(2, text.as_ptr().cast(), text.len()) };
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(StandardError, "{info}");
    // SAFETY: ends the program.
    unsafe { abort() }
}

/// What the unwind tables of prebuilt libraries name. Panics abort, so that nobody calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> ! {
    // SAFETY: ends the program.
    unsafe { abort() }
}
