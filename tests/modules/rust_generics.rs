//! A generic function in several instances, a static, and slices with bounds checks.
#![no_std]

use core::hint::black_box;
use core::ops::{Add, Mul};
use core::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);
static SQUARES: [u32; 6] = [0, 1, 4, 9, 16, 25];

#[inline(never)]
fn dot<T: Copy + Add<Output = T> + Mul<Output = T>>(zero: T, a: &[T], b: &[T]) -> T {
    CALLS.fetch_add(1, Ordering::Relaxed);
    let mut sum = zero;
    for index in 0..a.len() {
        sum = sum + a[index] * b[index];
    }
    sum
}

#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    if dot(0u32, black_box(&SQUARES), &SQUARES) != 979 {
        return line!() as i32;
    }
    if dot(0.0f64, black_box(&[0.5, 1.5]), &[2.0, 4.0]) != 7.0 {
        return line!() as i32;
    }
    if dot(0i8, &[-1, 2], black_box(&[3, 4])) != 5 {
        return line!() as i32;
    }
    if CALLS.load(Ordering::Relaxed) != 3 {
        return line!() as i32;
    }
    if SQUARES.get(black_box(6)).is_some() || SQUARES[black_box(5)] != 25 {
        return line!() as i32;
    }
    0
}
