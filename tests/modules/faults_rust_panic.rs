//! An index out of bounds: the panic's message is written, and the program ends.
#![no_std]

#[unsafe(no_mangle)]
extern "C" fn main(count: i32, _arguments: *const *const u8) -> i32 {
    let table = [1, 2, 3];
    table[core::hint::black_box(count as usize + 100)]
}
