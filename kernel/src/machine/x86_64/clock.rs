//! The time-stamp counter, and its speed as the interval timer measures it.

use core::arch::x86_64::_rdtsc;

use spin::Once;
use x86_64::instructions::port::{Port, PortWriteOnly};

/// The interval timer's frequency, in Hz.
const TIMER_HZ: u64 = 1_193_182;
/// How many of the timer's steps a measurement takes: a hundredth of a second.
const MEASURED_STEPS: u16 = (TIMER_HZ / 100) as u16;
/// The most ticks that a measurement takes: then no timer answers.
const MOST_TICKS: u64 = 1 << 30;
/// The frequency to assume where there is no timer.
const ASSUMED_HZ: u64 = 1_000_000_000;

/// Instructions when QEMU counts them (`-icount shift=0`): a tick each.
pub fn instructions() -> u64 {
    ticks()
}

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

/// Counts ticks while channel 0 of the interval timer (Intel 8254) counts down from its largest count.
fn measure() -> u64 {
    let mut timer = IntervalTimer {
        command: PortWriteOnly::new(0x43),
        count: Port::new(0x40),
    };
    timer.start();
    let (first_step, begin) = (timer.steps(), ticks());
    loop {
        let steps = timer.steps().wrapping_sub(first_step);
        let passed = ticks() - begin;
        if steps >= MEASURED_STEPS {
            return passed * TIMER_HZ / u64::from(steps);
        }
        if passed > MOST_TICKS {
            return ASSUMED_HZ;
        }
    }
}

/// The ports of channel 0. No memory depends on any of them, and its interrupt is masked.
struct IntervalTimer {
    command: PortWriteOnly<u8>,
    count: Port<u8>,
}

impl IntervalTimer {
    /// Begins to count down, over and over.
    fn start(&mut self) {
        // SAFETY: the ports are those of the timer. Channel 0, both bytes of the count, mode 2: count down again and again.
        unsafe { self.command.write(0b0011_0100) };
        for _ in 0..2 {
            // SAFETY: likewise; a count of 0 stands for 65536.
            unsafe { self.count.write(0) };
        }
    }

    /// The steps since the count began, modulo 65536.
    fn steps(&mut self) -> u16 {
        // SAFETY: the ports are those of the timer. This latches channel 0's count, to be read in two bytes.
        unsafe { self.command.write(0) };
        // SAFETY: likewise.
        let low = unsafe { self.count.read() };
        // SAFETY: likewise.
        let high = unsafe { self.count.read() };
        u16::from_le_bytes([low, high]).wrapping_neg()
    }
}
