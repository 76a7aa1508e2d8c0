//! A heap for tests that can be told to fail, and counts what is out: for each thread on its own.
#![expect(unsafe_code, reason = "implements the global allocator's interface")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr;
use std::alloc::System;

std::thread_local! {
    static UNTIL_FAILURE: Cell<Option<u64>> = const { Cell::new(None) };
    static EXEMPT: Cell<bool> = const { Cell::new(false) };
    static LIVE_BYTES: Cell<i64> = const { Cell::new(0) };
    static SHOWN_ROOM: Cell<usize> = const { Cell::new(0) };
}

/// What was allocated at one stretch of so many bytes and freed, is known to be there: who can't fail asks so beforehand.
const ASKED_FOR: usize = 1 << 16;

#[global_allocator]
static HEAP: FailingHeap = FailingHeap;

struct FailingHeap;

/// Runs `body` while all of this thread's allocations after the first `count` fail, but for those that have room in what was
/// [asked for](ASKED_FOR).
pub(crate) fn fail_after<R>(count: u64, body: impl FnOnce() -> R) -> R {
    UNTIL_FAILURE.set(Some(count));
    SHOWN_ROOM.set(0);
    let result = body();
    UNTIL_FAILURE.set(None);
    result
}

/// Runs `body`, of which the allocations neither fail nor count: what plays the part of hardware.
pub(crate) fn exempt<R>(body: impl FnOnce() -> R) -> R {
    let was_exempt = EXEMPT.replace(true);
    let result = body();
    EXEMPT.set(was_exempt);
    result
}

/// Bytes that this thread has allocated and not freed.
pub(crate) fn live_bytes() -> i64 {
    LIVE_BYTES.get()
}

fn may_allocate(bytes: usize) -> bool {
    if EXEMPT.get() {
        return true;
    }
    match UNTIL_FAILURE.get() {
        None => true,
        Some(0) => bytes <= SHOWN_ROOM.get(),
        Some(count) => {
            UNTIL_FAILURE.set(Some(count - 1));
            true
        }
    }
}

fn count(freed: usize, allocated: usize) {
    if EXEMPT.get() {
        return;
    }
    let room = SHOWN_ROOM.get();
    if freed >= ASKED_FOR || room > 0 {
        SHOWN_ROOM.set((room + freed).saturating_sub(allocated));
    }
    let change = i64::try_from(allocated).unwrap_or(0) - i64::try_from(freed).unwrap_or(0);
    LIVE_BYTES.set(LIVE_BYTES.get() + change);
}

// SAFETY: the system's allocator does the work, or nothing is allocated.
unsafe impl GlobalAlloc for FailingHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !may_allocate(layout.size()) {
            return ptr::null_mut();
        }
        count(0, layout.size());
        // SAFETY: passed on from the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !may_allocate(layout.size()) {
            return ptr::null_mut();
        }
        count(0, layout.size());
        // SAFETY: passed on from the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), 0);
        // SAFETY: passed on from the caller.
        unsafe { System.dealloc(pointer, layout) };
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !may_allocate(new_size) {
            return ptr::null_mut();
        }
        count(layout.size(), new_size);
        // SAFETY: passed on from the caller.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}
