//! Formatting is what the host's C library makes of the same template and the same arguments, to the byte.

use core::ffi::{c_char, c_int};
use std::ffi::CString;
use std::format as text;
use std::string::String;
use std::vec;
use std::vec::Vec;

use super::{FormatError, Output, Real, format};
use crate::exports::va_list::{Arguments, SystemV};

impl Output for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

fn formatted(template: &str, list: &mut dyn Arguments) -> Result<String, FormatError> {
    let mut output = Vec::new();
    // SAFETY: each test passes what its template names.
    let count = unsafe { format(&mut output, template.as_bytes(), list) }?;
    assert_eq!(usize::try_from(count), Ok(output.len()));
    Ok(String::from_utf8_lossy(&output).into_owned())
}

fn ours(template: &str, words: &[u64]) -> Result<String, FormatError> {
    formatted(template, &mut SystemV::in_memory(words))
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod differential {
    use super::{CString, Real, SystemV, c_char, c_int, formatted, ours, text, vec};
    use std::string::String;

    unsafe extern "C" {
        fn vsnprintf(
            buffer: *mut c_char,
            size: usize,
            template: *const c_char,
            list: *mut SystemV,
        ) -> c_int;
    }

    fn theirs(template: &str, words: &[u64]) -> String {
        let template = CString::new(template).unwrap();
        let mut buffer = vec![0_u8; 1 << 16];
        let mut list = SystemV::in_memory(words);
        // SAFETY: the list describes the words, and the template is what the test says of them.
        let count = unsafe {
            vsnprintf(
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                template.as_ptr(),
                &raw mut list,
            )
        };
        buffer.truncate(usize::try_from(count).unwrap());
        String::from_utf8_lossy(&buffer).into_owned()
    }

    fn check(template: &str, words: &[u64]) {
        let ours = ours(template, words).unwrap();
        assert_eq!(ours, theirs(template, words), "{template:?} of {words:x?}");
    }

    /// Every set of flags, each with some widths and precisions.
    fn layouts() -> impl Iterator<Item = String> {
        let widths = ["", "1", "7", "30"];
        let precisions = ["", ".", ".0", ".1", ".3", ".10", ".25"];
        (0..32).flat_map(move |set| {
            let flags: String = (0..5)
                .filter(|bit| set >> bit & 1 != 0)
                .map(|bit| char::from(b"-+ #0"[bit]))
                .collect();
            widths.into_iter().flat_map(move |width| {
                let flags = flags.clone();
                precisions
                    .into_iter()
                    .map(move |precision| text!("%{flags}{width}{precision}"))
            })
        })
    }

    /// A generator of bit patterns that repeats them in every run (xorshift64*).
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }
    }

    #[test]
    fn integers_agree() {
        let values = [
            0,
            1,
            7,
            8,
            255,
            256,
            0x8000_0000,
            0xffff_ffff,
            1 << 63,
            u64::MAX,
            1_234_567_890_123,
        ];
        for layout in layouts() {
            for conversion in [
                "d", "i", "u", "o", "x", "X", "hhd", "hd", "ld", "lld", "zu", "jx", "to", "hhx",
                "ho",
            ] {
                for value in values {
                    check(&text!("{layout}{conversion}|"), &[value]);
                }
            }
        }
    }

    #[test]
    fn pointers_strings_and_characters_agree() {
        let name = CString::new("Ironlink").unwrap();
        for layout in layouts() {
            check(&text!("{layout}p|"), &[0]);
            check(&text!("{layout}p|"), &[0xdead_beef]);
            check(&text!("{layout}s|"), &[name.as_ptr() as u64]);
            check(&text!("{layout}s|"), &[0]);
            check(&text!("{layout}c|"), &[u64::from(b'x')]);
        }
    }

    #[test]
    fn remarkable_doubles_agree_in_every_layout() {
        let values = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            1.5,
            2.5,
            0.1,
            9.995,
            9.5,
            99.95,
            123_456.789,
            1e5,
            1e6,
            1e-4,
            9.9999e-5,
            1e21,
            1e22,
            1e23,
            123_456_789_012_345_680.0,
            5e-324,
            2.2250738585072014e-308,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::EPSILON,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            0.000_123_456,
            100.0,
            1024.0,
            0.3,
            4.35,
        ];
        for layout in layouts() {
            for conversion in ["f", "F", "e", "E", "g", "G", "a", "A"] {
                for value in values {
                    check(&text!("{layout}{conversion}|"), &[f64::to_bits(value)]);
                }
            }
        }
    }

    #[test]
    fn random_doubles_agree() {
        let mut random = Random(7);
        for _ in 0..4000 {
            let bits = random.next();
            let precision = random.next() % 40;
            for conversion in ["f", "e", "g", "a"] {
                check(
                    &text!("%{conversion} %.{precision}{conversion}|"),
                    &[bits, bits],
                );
            }
        }
        // Numbers of everyday size, of which many are near a tie.
        for _ in 0..20_000 {
            let value = (random.next() % 2_000_000) as f64
                / [8.0, 10.0, 64.0, 1000.0][random.next() as usize % 4];
            let precision = random.next() % 6;
            for conversion in ["f", "e", "g", "a"] {
                check(&text!("%.{precision}{conversion}|"), &[value.to_bits()]);
            }
        }
    }

    #[test]
    fn every_digit_of_a_double_agrees() {
        for bits in [
            1,
            f64::MAX.to_bits(),
            f64::MIN_POSITIVE.to_bits(),
            0.1_f64.to_bits(),
            0x000f_ffff_ffff_ffff,
        ] {
            check("%.1100f|%.1100e|%.1100g|%#.1100g|%.1074f", &[bits; 5]);
        }
    }

    /// A long double as an argument in memory: there they are aligned to sixteen bytes. Source: AMD64 ABI, 3.5.7, "va_arg".
    #[repr(C, align(16))]
    struct InMemory([u64; 2]);

    #[test]
    fn long_doubles_agree() {
        let mut random = Random(11);
        let normal = |exponent: u64, fraction: u64| [fraction | 1 << 63, exponent];
        let mut values = vec![
            [0, 0],
            [0, 0x8000],
            [1, 0],
            [u64::MAX >> 1, 0],
            [u64::MAX, 0x7ffe],
            [1 << 63, 0x7fff],
            [1 << 63, 0xffff],
            [3 << 62, 0x7fff],
            [1 << 63, 1],
            normal(0x3fff, 0),
            normal(0x3ffb, 0x4ccc_cccc_cccc_cccd),
        ];
        values.extend((0..300).map(|_| normal(random.next() & 0xffff, random.next())));
        values.extend((0..3000).map(|_| normal(0x3fff - 70 + random.next() % 140, random.next())));
        for [significand, exponent] in values {
            if exponent & 0x7fff == 0x7fff && significand << 1 != 0 && significand != 3 << 62 {
                continue;
            }
            let precision = random.next() % 30;
            let InMemory(words) = &InMemory([significand, exponent]);
            for conversion in ["f", "e", "g", "a"] {
                check(&text!("%L{conversion}|"), words);
                check(&text!("%.{precision}L{conversion}|"), words);
            }
        }
    }

    #[test]
    fn widths_and_precisions_from_arguments_agree() {
        let minus = |value: i64| value.cast_unsigned();
        check("%*d|%-*d|%*d|", &[6, 42, 6, 42, minus(-6), 42]);
        check(
            "%.*f|%.*f|%*.*e|",
            &[
                2,
                2.5_f64.to_bits(),
                minus(-1),
                2.5_f64.to_bits(),
                12,
                1,
                2.5_f64.to_bits(),
            ],
        );
        check("%5%|%-5d%%|%y|", &[3]);
    }

    /// The quad of a `double` formats as the `double` does: it is the same number.
    #[test]
    fn quads_agree_with_the_doubles_that_they_hold() {
        let mut random = Random(13);
        for _ in 0..2000 {
            let bits = random.next();
            let biased = bits >> 52 & 0x7ff;
            if biased == 0 || biased == 0x7ff {
                continue;
            }
            let fraction = u128::from(bits & ((1 << 52) - 1)) << 60;
            let quad = u128::from(bits >> 63) << 127
                | u128::from(biased + 0x3fff - 0x3ff) << 112
                | fraction;
            for template in ["%.30Lf", "%.17Le", "%Lg", "%.0Lf", "%La"] {
                let ours = formatted(template, &mut OneQuad(quad)).unwrap();
                assert_eq!(
                    ours,
                    theirs(&template.replace('L', ""), &[bits]),
                    "{template} of {quad:x}"
                );
            }
        }
    }

    struct OneQuad(u128);

    impl super::Arguments for OneQuad {
        unsafe fn word(&mut self) -> u64 {
            unreachable!("there is only a quad")
        }

        unsafe fn double(&mut self) -> u64 {
            unreachable!("there is only a quad")
        }

        unsafe fn long_double(&mut self) -> Real {
            Real::from_quad(self.0)
        }
    }
}

#[test]
fn wide_characters_become_utf8() {
    let wide: Vec<u32> = "déjà\0".chars().map(u32::from).collect();
    let address = wide.as_ptr() as u64;
    assert_eq!(
        ours("%ls|%6ls|%.2ls|%.3S", &[address; 4]).unwrap(),
        "déjà|déjà|d|dé"
    );
    assert_eq!(ours("%lc", &[u64::from('é')]).unwrap(), "é");
    assert_eq!(ours("%lc", &[0xd800]), Err(FormatError::NotACharacter));
}

/// The C library of Debian 12 forgets the zeros here: C17 7.21.6.1, paragraph 8, keeps six significant digits.
#[test]
fn rounding_up_to_another_power_of_ten_keeps_the_significant_digits() {
    let bits = 999_999.5_f64.to_bits();
    assert_eq!(
        ours("%#g|%g|%.0f|%.6g", &[bits; 4]).unwrap(),
        "1.00000e+06|1e+06|1000000|1e+06"
    );
}

#[test]
fn binary_is_written_as_c23_has_it() {
    assert_eq!(
        ours("%b|%#b|%#B|%08b", &[5, 5, 5, 5]).unwrap(),
        "101|0b101|0B101|00000101"
    );
}

#[test]
fn a_string_with_a_precision_needs_no_nul() {
    let bytes = vec![b'x'; 3].into_boxed_slice();
    assert_eq!(ours("%.3s", &[bytes.as_ptr() as u64]).unwrap(), "xxx");
}

#[test]
fn what_can_not_be_followed_is_refused() {
    assert_eq!(ours("%n", &[0]), Err(FormatError::StoresCount));
    assert_eq!(ours("%1$d", &[0]), Err(FormatError::Malformed));
    assert_eq!(ours("100%", &[]), Err(FormatError::Malformed));
    assert_eq!(ours("%2147483648d", &[0]), Err(FormatError::TooLong));
    assert_eq!(ours("%.99999999999f", &[0]), Err(FormatError::TooLong));
}
