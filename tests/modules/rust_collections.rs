//! What `alloc` has: vectors, boxes, maps, reference counts; blocks of all sizes and alignments.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::hint::black_box;

#[repr(align(256))]
struct Aligned([u8; 256]);

#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    let mut numbers = Vec::new();
    for number in 0..black_box(1000u64) {
        numbers.push(number * number % 1009);
    }
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() != 505 || numbers[504] != 1008 {
        return line!() as i32;
    }
    let map: BTreeMap<u64, usize> = numbers.iter().copied().zip(0..).collect();
    if map.range(100..).next().map(|(key, _)| *key) != Some(100) || map[&numbers[77]] != 77 {
        return line!() as i32;
    }
    let mut queue: VecDeque<Box<u64>> = numbers.into_iter().map(Box::new).collect();
    queue.rotate_left(100);
    let shared = Rc::new(queue);
    let other = Rc::clone(&shared);
    if Rc::strong_count(&shared) != 2 || **other.front().unwrap() <= **other.back().unwrap() {
        return line!() as i32;
    }
    let mut aligned: Vec<Aligned> = (0..black_box(5)).map(|byte| Aligned([byte; 256])).collect();
    aligned.reserve(100);
    let is_aligned = aligned.as_ptr().addr() % 256 == 0;
    if !is_aligned || aligned.iter().map(|block| block.0[255]).sum::<u8>() != 10 {
        return line!() as i32;
    }
    0
}
