//! Stacks of the kernel itself, each above a page that is never mapped.

use core::cell::UnsafeCell;

/// Size of a page, and of a guard.
const PAGE_BYTES: usize = 4096;

/// Memory for a stack of `N` bytes, which grows down towards a guard page.
#[repr(C, align(4096))]
pub(crate) struct GuardedStack<const N: usize> {
    guard: UnsafeCell<[u8; PAGE_BYTES]>,
    bytes: UnsafeCell<[u8; N]>,
}

// SAFETY: only the processor that runs on the stack touches it; this type gives out addresses alone.
unsafe impl<const N: usize> Sync for GuardedStack<N> {}

impl<const N: usize> GuardedStack<N> {
    /// From the beginning of the guard page to the stack's first use, in bytes.
    pub(crate) const TOP_OFFSET: usize = size_of::<Self>();

    /// A stack of zeros.
    pub(crate) const fn new() -> Self {
        const { assert!(N != 0 && N.is_multiple_of(PAGE_BYTES)) };
        Self {
            guard: UnsafeCell::new([0; PAGE_BYTES]),
            bytes: UnsafeCell::new([0; N]),
        }
    }

    /// The page that must not be mapped.
    pub(crate) fn guard_page(&self) -> u64 {
        self.guard.get().addr() as u64
    }

    /// The address above the stack, a multiple of 16: what the stack pointer begins with.
    pub(crate) fn top(&self) -> u64 {
        (self.bytes.get().addr() + N) as u64
    }
}
