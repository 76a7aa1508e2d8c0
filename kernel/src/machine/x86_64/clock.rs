//! The time-stamp counter, and its speed as the interval timer measures it.

use core::arch::x86_64::_rdtsc;

use spin::Once;
use x86_64::instructions::port::Port;

/// How many instructions one tick stands for when QEMU counts them (`-icount shift=0`).
pub const INSTRUCTIONS_PER_TICK: u64 = 1;

/// The interval timer's frequency, in Hz.
const TIMER_HZ: u64 = 1_193_182;
/// How long the measurement takes: a hundredth of a second.
const MEASUREMENTS_PER_SECOND: u64 = 100;
/// The fewest ticks that a measurement takes, and the most: outside of that no timer answered.
const FEWEST_TICKS: u64 = 1 << 20;
const MOST_TICKS: u64 = 1 << 30;
/// The frequency to assume where there is no timer.
const ASSUMED_HZ: u64 = 1_000_000_000;

/// Ticks since the machine was started.
pub fn ticks() -> u64 {
    // SAFETY: every x86-64 has the counter, and nothing forbids to read it.
    unsafe { _rdtsc() }
}

/// Ticks in a second. The first call takes a hundredth of one.
pub fn ticks_per_second() -> u64 {
    static FREQUENCY: Once<u64> = Once::new();
    *FREQUENCY.call_once(measure)
}

/// Counts ticks while channel 2 of the interval timer (Intel 8254) counts down.
fn measure() -> u64 {
    // System control port B: bit 0 lets channel 2 count, bit 1 is the speaker, bit 5 is set when the count has ended.
    let mut control: Port<u8> = Port::new(0x61);
    let mut command: Port<u8> = Port::new(0x43);
    let mut count: Port<u8> = Port::new(0x42);
    let [low, high, ..] = (TIMER_HZ / MEASUREMENTS_PER_SECOND).to_le_bytes();
    // SAFETY: no memory depends on these ports; this holds for all of them below.
    let before = unsafe { control.read() };
    // SAFETY: as above.
    unsafe { control.write(before & !0b10 | 0b01) };
    // SAFETY: as above. Channel 2, both bytes of the count, mode 0: count down once.
    unsafe { command.write(0b1011_0000) };
    // SAFETY: as above.
    unsafe { count.write(low) };
    // SAFETY: as above.
    unsafe { count.write(high) };
    let begin = ticks();
    loop {
        // SAFETY: as above.
        let has_ended = unsafe { control.read() } & 1 << 5 != 0;
        let passed = ticks() - begin;
        if has_ended && passed >= FEWEST_TICKS {
            return passed * MEASUREMENTS_PER_SECOND;
        }
        if has_ended || passed > MOST_TICKS {
            return ASSUMED_HZ;
        }
    }
}
