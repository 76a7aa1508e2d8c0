//@ flavours: rustc-O0 rustc-O3
//! A program of three crates beside `core` and `alloc`: generics, trait objects, closures and statics cross between them.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::hint::black_box;

use shapes::{Circle, Shape, Square};

#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    let shapes: Vec<Box<dyn Shape>> = (1..=black_box(3))
        .flat_map(|size| -> [Box<dyn Shape>; 2] { [Box::new(Square(size)), Box::new(Circle(size))] })
        .collect();
    let areas: Vec<u64> = shapes.iter().map(|shape| shape.area()).collect();
    if areas != [1, 3, 4, 12, 9, 27] {
        return line!() as i32;
    }
    if numbers::sums::total(&areas) != 56 || numbers::products::product(&areas[..3]) != 12 {
        return line!() as i32;
    }
    if numbers::largest(areas.iter().copied(), |area| area % 10) != Some(9) {
        return line!() as i32;
    }
    let text = format!("{:?} {:>5}", shapes::describe(&*shapes[3]), numbers::calls());
    if text != "\"circle of 2: 12\"     3" {
        return line!() as i32;
    }
    numbers::reset();
    0
}
