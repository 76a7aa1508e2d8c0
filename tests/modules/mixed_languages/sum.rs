//! The Rust part: collects what C's `limit` makes of the numbers.
#![no_std]

extern crate alloc;

use alloc::vec::Vec;
use core::ffi::{c_int, c_ulong};

unsafe extern "C" {
    safe fn limit(value: c_int) -> c_int;
}

/// # Safety
/// `numbers` points to `count` numbers.
#[unsafe(no_mangle)]
unsafe extern "C" fn sum_in_rust(numbers: *const c_int, count: c_ulong) -> c_int {
    // SAFETY: the caller's promise.
    let numbers = unsafe { core::slice::from_raw_parts(numbers, count as usize) };
    let limited: Vec<c_int> = numbers.iter().map(|&number| limit(number)).collect();
    limited.iter().sum()
}
