//! Numbers from text, and the arithmetic of `<stdlib.h>` (C17 7.22.1, 7.22.6). glibc's headers send programs to
//! `__isoc23_` names for some; those also read `0b`.

use core::ffi::{c_char, c_int, c_long, c_ulong};

use super::machine::{double_result, float_result};
use super::signature::Word;
use super::{character, errno, raw};

/// An integer at a text's start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Parsed {
    is_negative: bool,
    /// `None` if it has more than 64 bits.
    magnitude: Option<u64>,
    /// The bytes up to the number's end.
    pub(super) taken: usize,
}

impl Parsed {
    /// The number as a `long`, or the nearest one if it is out of range.
    pub(super) fn signed(self) -> Result<i64, i64> {
        let magnitude = self.magnitude.map(i128::from);
        let value = magnitude.map(|magnitude| {
            if self.is_negative {
                -magnitude
            } else {
                magnitude
            }
        });
        let nearest = if self.is_negative { i64::MIN } else { i64::MAX };
        value
            .and_then(|value| i64::try_from(value).ok())
            .ok_or(nearest)
    }

    /// The number as an `unsigned long`, a negative one modulo 2^64; the largest if it is out of range.
    pub(super) fn unsigned(self) -> Result<u64, u64> {
        let magnitude = self.magnitude.ok_or(u64::MAX)?;
        Ok(if self.is_negative {
            magnitude.wrapping_neg()
        } else {
            magnitude
        })
    }
}

/// Reads an integer in a base from 2 to 36, or, with base 0, in the one that its prefix tells. `None` if there is none.
pub(super) fn parse_integer(text: &[u8], base: u32, knows_binary: bool) -> Option<Parsed> {
    let blanks = text
        .iter()
        .take_while(|byte| character::is_space(**byte))
        .count();
    let behind_blanks = &text[blanks..];
    let (is_negative, sign) = match behind_blanks.first() {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        _ => (false, 0),
    };
    let (base, prefix) = split_prefix(&behind_blanks[sign..], base, knows_binary);
    let start = blanks + sign + prefix;
    let digits = text[start..]
        .iter()
        .map_while(|byte| char::from(*byte).to_digit(base));
    let mut magnitude = Some(0_u64);
    let mut count = 0;
    for digit in digits {
        magnitude = magnitude
            .and_then(|value| value.checked_mul(u64::from(base)))
            .and_then(|value| value.checked_add(u64::from(digit)));
        count += 1;
    }
    (count > 0).then_some(Parsed {
        is_negative,
        magnitude,
        taken: start + count,
    })
}

/// The base, and the length of the prefix: one that no digit follows is only its zero.
fn split_prefix(text: &[u8], base: u32, knows_binary: bool) -> (u32, usize) {
    let letter = match text {
        [b'0', letter, digit, ..] if digit.is_ascii_hexdigit() => {
            Some((letter.to_ascii_lowercase(), *digit))
        }
        _ => None,
    };
    match (base, letter) {
        (0 | 16, Some((b'x', _))) => (16, 2),
        (0 | 2, Some((b'b', b'0' | b'1'))) if knows_binary => (2, 2),
        (0, _) if text.first() == Some(&b'0') => (8, 0),
        (0, _) => (10, 0),
        _ => (base, 0),
    }
}

/// # Safety
/// `text` is a C string; `end` is null or can be written.
unsafe fn parse_text(
    text: *const c_char,
    end: *mut *mut c_char,
    base: c_int,
    knows_binary: bool,
) -> Option<Parsed> {
    let parsed = match u32::try_from(base) {
        Ok(base @ (0 | 2..=36)) => {
            // SAFETY: the caller's promise.
            parse_integer(unsafe { raw::text(text) }, base, knows_binary)
        }
        _ => {
            errno::set(errno::EINVAL);
            None
        }
    };
    let taken = parsed.map_or(0, |parsed| parsed.taken);
    // SAFETY: the caller's promise.
    unsafe { raw::store_if_wanted(end, text.wrapping_add(taken).cast_mut()) };
    parsed
}

fn in_range<T>(value: Result<T, T>) -> T {
    value.unwrap_or_else(|nearest| {
        errno::set(errno::ERANGE);
        nearest
    })
}

unsafe extern "C" fn strtol(text: *const c_char, end: *mut *mut c_char, base: c_int) -> c_long {
    // SAFETY: the module's promise.
    let parsed = unsafe { parse_text(text, end, base, false) };
    parsed.map_or(0, |parsed| in_range(parsed.signed()))
}

unsafe extern "C" fn strtoul(text: *const c_char, end: *mut *mut c_char, base: c_int) -> c_ulong {
    // SAFETY: the module's promise.
    let parsed = unsafe { parse_text(text, end, base, false) };
    parsed.map_or(0, |parsed| in_range(parsed.unsigned()))
}

unsafe extern "C" fn strtol_c23(text: *const c_char, end: *mut *mut c_char, base: c_int) -> c_long {
    // SAFETY: the module's promise.
    let parsed = unsafe { parse_text(text, end, base, true) };
    parsed.map_or(0, |parsed| in_range(parsed.signed()))
}

unsafe extern "C" fn strtoul_c23(
    text: *const c_char,
    end: *mut *mut c_char,
    base: c_int,
) -> c_ulong {
    // SAFETY: the module's promise.
    let parsed = unsafe { parse_text(text, end, base, true) };
    parsed.map_or(0, |parsed| in_range(parsed.unsigned()))
}

unsafe extern "C" fn atol(text: *const c_char) -> c_long {
    // SAFETY: the module's promise.
    unsafe { strtol(text, core::ptr::null_mut(), 10) }
}

unsafe extern "C" fn atoi(text: *const c_char) -> c_int {
    // SAFETY: the module's promise.
    unsafe { atol(text) as c_int }
}

/// The bits of the `double` at a text's start, in decimal, `inf` or `nan`; correctly rounded. Hexadecimal isn't read.
unsafe extern "C" fn strtod_bits(text: *const c_char, end: *mut *mut c_char) -> u64 {
    // SAFETY: the module's promise.
    let (number, taken) = real_at(unsafe { raw::text(text) });
    // SAFETY: the module's promise.
    unsafe { raw::store_if_wanted(end, text.wrapping_add(taken).cast_mut()) };
    let value: f64 = number.parse().unwrap_or(0.0);
    note_overflow(number, value.is_infinite());
    value.to_bits()
}

/// The same for a `float`.
unsafe extern "C" fn strtof_bits(text: *const c_char, end: *mut *mut c_char) -> u32 {
    // SAFETY: the module's promise.
    let (number, taken) = real_at(unsafe { raw::text(text) });
    // SAFETY: the module's promise.
    unsafe { raw::store_if_wanted(end, text.wrapping_add(taken).cast_mut()) };
    let value: f32 = number.parse().unwrap_or(0.0);
    note_overflow(number, value.is_infinite());
    value.to_bits()
}

unsafe extern "C" fn atof_bits(text: *const c_char) -> u64 {
    // SAFETY: the module's promise.
    unsafe { strtod_bits(text, core::ptr::null_mut()) }
}

double_result!(strtod => strtod_bits(_, _));
float_result!(strtof => strtof_bits(_, _));
double_result!(atof => atof_bits(_));

fn note_overflow(number: &str, is_infinite: bool) {
    if is_infinite && number.bytes().any(|byte| byte.is_ascii_digit()) {
        errno::set(errno::ERANGE);
    }
}

/// The floating-point number at a text's start, in the form that Rust parses, and the bytes up to its end; `""` if there is
/// none.
pub(super) fn real_at(text: &[u8]) -> (&str, usize) {
    let blanks = text
        .iter()
        .take_while(|byte| character::is_space(**byte))
        .count();
    let number = &text[blanks..];
    let sign = usize::from(matches!(number.first(), Some(b'-' | b'+')));
    let length = match number_length(&number[sign..]) {
        0 => return ("", 0),
        length => sign + length,
    };
    (
        core::str::from_utf8(&number[..length]).unwrap_or(""),
        blanks + length,
    )
}

fn number_length(text: &[u8]) -> usize {
    let names: [&[u8]; 3] = [b"infinity", b"inf", b"nan"];
    let is_at_start = |name: &&[u8]| {
        text.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    if let Some(name) = names.into_iter().find(is_at_start) {
        return name.len();
    }
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(text);
    let fraction = match &text[whole..] {
        [b'.', behind @ ..] => Some(digits(behind)),
        _ => None,
    };
    if whole + fraction.unwrap_or(0) == 0 {
        return 0;
    }
    let mantissa = whole + fraction.map_or(0, |fraction| fraction + 1);
    let exponent = match &text[mantissa..] {
        [b'e' | b'E', b'+' | b'-', behind @ ..] if digits(behind) > 0 => 2 + digits(behind),
        [b'e' | b'E', behind @ ..] if digits(behind) > 0 => 1 + digits(behind),
        _ => 0,
    };
    mantissa + exponent
}

extern "C" fn abs(value: c_int) -> c_int {
    value.wrapping_abs()
}

extern "C" fn labs(value: c_long) -> c_long {
    value.wrapping_abs()
}

/// `div_t`, `ldiv_t`: in one integer register, or two (System V x86-64 3.2.3; AAPCS64 6.8.2, 6.9).
#[repr(C)]
struct Division<T> {
    quotient: T,
    remainder: T,
}

impl Word for Division<c_int> {
    const TEXT: &'static str = "(i32, i32)";
}
impl Word for Division<c_long> {
    const TEXT: &'static str = "(i64, i64)";
}

extern "C" fn div(dividend: c_int, divisor: c_int) -> Division<c_int> {
    if divisor == 0 {
        super::host::abort!("div: division by zero");
    }
    Division {
        quotient: dividend.wrapping_div(divisor),
        remainder: dividend.wrapping_rem(divisor),
    }
}

extern "C" fn ldiv(dividend: c_long, divisor: c_long) -> Division<c_long> {
    if divisor == 0 {
        super::host::abort!("ldiv: division by zero");
    }
    Division {
        quotient: dividend.wrapping_div(divisor),
        remainder: dividend.wrapping_rem(divisor),
    }
}

exports! {
    pub(super) static EXPORTS:
    function strtol(_, _, _) -> _;
    function strtol(_, _, _) -> _ as "strtoll";
    function strtol(_, _, _) -> _ as "strtoimax";
    function strtoul(_, _, _) -> _;
    function strtoul(_, _, _) -> _ as "strtoull";
    function strtoul(_, _, _) -> _ as "strtoumax";
    function strtol_c23(_, _, _) -> _ as "__isoc23_strtol";
    function strtol_c23(_, _, _) -> _ as "__isoc23_strtoll";
    function strtol_c23(_, _, _) -> _ as "__isoc23_strtoimax";
    function strtoul_c23(_, _, _) -> _ as "__isoc23_strtoul";
    function strtoul_c23(_, _, _) -> _ as "__isoc23_strtoull";
    function strtoul_c23(_, _, _) -> _ as "__isoc23_strtoumax";
    function atol(_) -> _;
    function atol(_) -> _ as "atoll";
    function atoi(_) -> _;
    shim strtod;
    shim strtof;
    shim atof;
    function abs(_) -> _;
    function labs(_) -> _;
    function labs(_) -> _ as "llabs";
    function labs(_) -> _ as "imaxabs";
    function div(_, _) -> _;
    function ldiv(_, _) -> _;
    function ldiv(_, _) -> _ as "lldiv";
    function ldiv(_, _) -> _ as "imaxdiv";
}

#[cfg(test)]
mod tests {
    use core::ffi::{CStr, c_char};
    use core::ptr;

    use super::{parse_integer, real_at, strtod, strtof};

    fn long(text: &str, base: u32) -> Option<(Result<i64, i64>, usize)> {
        parse_integer(text.as_bytes(), base, false).map(|parsed| (parsed.signed(), parsed.taken))
    }

    #[test]
    fn integers_are_read_to_their_end() {
        assert_eq!(long(" \t-12x", 10), Some((Ok(-12), 5)));
        assert_eq!(long("+7", 10), Some((Ok(7), 2)));
        assert_eq!(long("zz", 36), Some((Ok(35 * 37), 2)));
        assert_eq!(long("", 10), None);
        assert_eq!(long("- 1", 10), None);
    }

    #[test]
    fn a_prefix_tells_the_base_only_if_a_digit_follows() {
        assert_eq!(long("0x1f", 0), Some((Ok(31), 4)));
        assert_eq!(long("0X1f", 16), Some((Ok(31), 4)));
        assert_eq!(long("0xg", 16), Some((Ok(0), 1)));
        assert_eq!(long("0x", 0), Some((Ok(0), 1)));
        assert_eq!(long("017", 0), Some((Ok(15), 3)));
        assert_eq!(long("0b11", 0), Some((Ok(0), 1)));
        let binary = parse_integer(b"0b11", 0, true).unwrap();
        assert_eq!((binary.signed(), binary.taken), (Ok(3), 4));
        assert_eq!(long("0b1", 16), Some((Ok(0xb1), 3)));
    }

    #[test]
    fn what_is_out_of_range_gives_the_nearest_number() {
        assert_eq!(long("9223372036854775807", 10), Some((Ok(i64::MAX), 19)));
        assert_eq!(long("9223372036854775808", 10), Some((Err(i64::MAX), 19)));
        assert_eq!(long("-9223372036854775808", 10), Some((Ok(i64::MIN), 20)));
        assert_eq!(long("-99999999999999999999", 10), Some((Err(i64::MIN), 21)));
        let unsigned = |text: &[u8]| parse_integer(text, 10, false).unwrap().unsigned();
        assert_eq!(unsigned(b"-1"), Ok(u64::MAX));
        assert_eq!(unsigned(b"18446744073709551616"), Err(u64::MAX));
    }

    #[test]
    fn reals_are_read_to_their_end() {
        assert_eq!(real_at(b" 1.5e3x"), ("1.5e3", 6));
        assert_eq!(real_at(b"-.5e+"), ("-.5", 3));
        assert_eq!(real_at(b"5."), ("5.", 2));
        assert_eq!(real_at(b"-INFinity"), ("-INFinity", 9));
        assert_eq!(real_at(b"."), ("", 0));
        assert_eq!(real_at(b"e5"), ("", 0));
    }

    #[test]
    fn floating_point_results_travel_in_their_registers() {
        type Strtod = unsafe extern "C" fn(*const c_char, *mut *mut c_char) -> f64;
        type Strtof = unsafe extern "C" fn(*const c_char, *mut *mut c_char) -> f32;
        // SAFETY: the shim's C type.
        let double: Strtod = unsafe { core::mem::transmute(strtod as *const ()) };
        // SAFETY: the shim's C type.
        let single: Strtof = unsafe { core::mem::transmute(strtof as *const ()) };
        // SAFETY: the text is a C string.
        let double = |text: &CStr| unsafe { double(text.as_ptr(), ptr::null_mut()) };
        assert_eq!(
            [double(c"-1.25e2x"), double(c"1e-400"), double(c"inf")],
            [-125.0, 0.0, f64::INFINITY]
        );
        assert_eq!(double(c"1e400"), f64::INFINITY);
        // SAFETY: the text is a C string.
        let single = unsafe { single(c"0.1".as_ptr(), ptr::null_mut()) };
        assert_eq!(single, 0.1);
    }
}
