//! `rand` and `random` (C17 7.22.2): the sequence that glibc gives for the same seed, so that a program's output is the same
//! here as there. It is an additive feedback generator, x³¹ + x³ + 1, seeded by Park and Miller's.

use core::ffi::{c_int, c_long, c_uint};

use spin::Mutex;

use super::raw;

const DEGREE: usize = 31;
const SEPARATION: usize = 3;

struct Generator {
    state: [u32; DEGREE],
    front: usize,
}

impl Generator {
    /// A zero seed would give zeros only; it counts as one.
    const fn seeded(seed: u32) -> Self {
        let mut state = [0; DEGREE];
        state[0] = if seed == 0 { 1 } else { seed };
        let mut index = 1;
        while index < DEGREE {
            let word = state[index - 1].cast_signed() as i64;
            let next = (word * 16807) % 2_147_483_647;
            state[index] = if next < 0 { next + 2_147_483_647 } else { next } as u32;
            index += 1;
        }
        let mut generator = Self {
            state,
            front: SEPARATION,
        };
        let mut warm_up = 0;
        while warm_up < 10 * DEGREE {
            generator.next();
            warm_up += 1;
        }
        generator
    }

    /// The next 31 bits.
    const fn next(&mut self) -> u32 {
        let back = (self.front + DEGREE - SEPARATION) % DEGREE;
        let sum = self.state[self.front].wrapping_add(self.state[back]);
        self.state[self.front] = sum;
        self.front = (self.front + 1) % DEGREE;
        sum >> 1
    }
}

static GENERATOR: Mutex<Generator> = Mutex::new(Generator::seeded(1));

extern "C" fn rand() -> c_int {
    GENERATOR.lock().next().cast_signed()
}

extern "C" fn random() -> c_long {
    c_long::from(GENERATOR.lock().next())
}

extern "C" fn srand(seed: c_uint) {
    *GENERATOR.lock() = Generator::seeded(seed);
}

/// POSIX: a linear congruential generator whose state is the caller's.
unsafe extern "C" fn rand_r(seed: *mut c_uint) -> c_int {
    // SAFETY: the module's promise.
    let mut state = unsafe { raw::load(seed) };
    let mut next = |modulus: u32| {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (state / 65_536) % modulus
    };
    let (first, second, third) = (next(2048), next(1024), next(1024));
    // SAFETY: the module's promise.
    unsafe { raw::store(seed, state) };
    (((first << 10 ^ second) << 10) ^ third).cast_signed()
}

exports! {
    pub(super) static EXPORTS:
    function rand() -> _;
    function random() -> _;
    function srand(_);
    function srand(_) as "srandom";
    function rand_r(_) -> _;
}

#[cfg(test)]
mod tests {
    use super::{Generator, rand_r};

    #[test]
    fn the_sequence_is_the_c_librarys() {
        let first = |seed| {
            let mut generator = Generator::seeded(seed);
            [generator.next(), generator.next(), generator.next()]
        };
        assert_eq!(first(1), [1_804_289_383, 846_930_886, 1_681_692_777]);
        assert_eq!(first(0), first(1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn other_seeds_and_the_callers_state_agree_too() {
        mod host {
            unsafe extern "C" {
                pub(super) safe fn srandom(seed: u32);
                pub(super) safe fn random() -> i64;
                pub(super) unsafe fn rand_r(seed: *mut u32) -> i32;
            }
        }
        for seed in [2, 42, 0x8000_0000, u32::MAX] {
            host::srandom(seed);
            let mut generator = Generator::seeded(seed);
            for _ in 0..100 {
                assert_eq!(i64::from(generator.next()), host::random());
            }
            let (mut ours, mut theirs) = (seed, seed);
            for _ in 0..100 {
                // SAFETY: both states can be written.
                let our = unsafe { rand_r(&raw mut ours) };
                // SAFETY: as above.
                let their = unsafe { host::rand_r(&raw mut theirs) };
                assert_eq!(our, their);
            }
        }
    }
}
