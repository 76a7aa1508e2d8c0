//! What every program without an operating system has: a heap, and an end for panics.

use alloc::vec::Vec;
use core::hint::{self, black_box};
use core::panic::PanicInfo;
use core::ptr::NonNull;

use ironlink::memory::slab::LockedSlab;

#[global_allocator]
static HEAP: LockedSlab = LockedSlab::empty();

/// Gives the heap its memory, and uses it in each way there is, so that programs differ by what they link alone.
///
/// # Safety
/// As of [`LockedSlab::init`].
pub(crate) unsafe fn begin(start: NonNull<u8>, size_bytes: usize) {
    // SAFETY: this function has the same contract.
    unsafe { HEAP.init(start, size_bytes) };
    let mut bytes: Vec<u8> = Vec::new();
    for count in [black_box(1), black_box(2)] {
        // Without room, what follows fails, too, and tells it.
        let _ = bytes.try_reserve_exact(count);
        black_box(&mut bytes);
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        hint::spin_loop();
    }
}
