//! The tool.

#![no_main]

use ironlink_fuzz::{mutator, tool};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};

fuzz_target!(|input: &[u8]| tool::link_and_tell(input));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutator::mutate(data, size, max_size, seed)
});

fuzz_crossover!(|first: &[u8], second: &[u8], out: &mut [u8], seed: u32| {
    mutator::cross_over(first, second, out, seed)
});
