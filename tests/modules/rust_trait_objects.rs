//! Calls through trait objects, closures in boxes, and drops through a vtable.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::black_box;
use core::sync::atomic::{AtomicUsize, Ordering};

static DROPPED: AtomicUsize = AtomicUsize::new(0);

trait Shape {
    fn area(&self) -> u32;
    fn name(&self) -> &'static str {
        "shape"
    }
}

struct Square(u32);
struct Rectangle(u32, u32);

impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
    fn name(&self) -> &'static str {
        "square"
    }
}

impl Shape for Rectangle {
    fn area(&self) -> u32 {
        self.0 * self.1
    }
}

impl Drop for Rectangle {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    let shapes: Vec<Box<dyn Shape>> = black_box(alloc::vec![
        Box::new(Square(3)) as Box<dyn Shape>,
        Box::new(Rectangle(2, 5)),
        Box::new(Rectangle(1, 1)),
    ]);
    if shapes.iter().map(|shape| shape.area()).sum::<u32>() != 20 {
        return line!() as i32;
    }
    if shapes[0].name() != "square" || shapes[black_box(2)].name() != "shape" {
        return line!() as i32;
    }
    drop(shapes);
    if DROPPED.load(Ordering::Relaxed) != 2 {
        return line!() as i32;
    }
    let steps: Vec<Box<dyn Fn(i64) -> i64>> = (1..=4i64)
        .map(|by| Box::new(move |x: i64| x * 10 + by) as Box<dyn Fn(i64) -> i64>)
        .collect();
    if steps.iter().fold(0, |x, step| step(x)) != 1234 {
        return line!() as i32;
    }
    0
}
