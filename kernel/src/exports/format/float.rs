//! `f e g a`, in lower and upper case: floating-point numbers (C17 7.21.6.1, paragraph 8).

use super::decimal::{DOUBLE_LIMBS, Decimal, LONG_DOUBLE_LIMBS};
use super::field::Padding;
use super::output::Printer;
use super::real::{Finite, Magnitude, Real};

/// Writes a number. `conversion` is one of the letters `fFeEgGaA`.
pub(super) fn print_real(
    printer: &mut Printer<'_>,
    mut padding: Padding,
    precision: Option<usize>,
    conversion: u8,
    real: Real,
) {
    let style = Style {
        sign: padding.flags.sign(real.is_negative),
        is_upper: conversion.is_ascii_uppercase(),
        keeps_point: padding.flags.is_alternate,
    };
    let number = match real.magnitude {
        Magnitude::Finite(number) => number,
        special => {
            padding.flags.is_zero_padded = false;
            let name = style.special_name(special);
            return padding.number(printer, style.sign, name.len(), |printer| printer.put(name));
        }
    };
    let conversion = conversion.to_ascii_lowercase();
    if conversion == b'a' {
        style.hexadecimal(printer, padding, precision, number);
    } else if Decimal::<DOUBLE_LIMBS>::holds(number) {
        print_decimal::<DOUBLE_LIMBS>(printer, padding, precision, conversion, &style, number);
    } else {
        print_decimal::<LONG_DOUBLE_LIMBS>(printer, padding, precision, conversion, &style, number);
    }
}

/// Not inlined, so that only numbers that need the large form take its 7 KiB of stack.
#[inline(never)]
fn print_decimal<const LIMBS: usize>(
    printer: &mut Printer<'_>,
    padding: Padding,
    precision: Option<usize>,
    conversion: u8,
    style: &Style,
    number: Finite,
) {
    let mut decimal = Decimal::<LIMBS>::of(number);
    // A precision beyond the range of an i64 can't be written either: the caller fails on the field's length.
    let precision = i64::try_from(precision.unwrap_or(6)).unwrap_or(i64::MAX / 2);
    match conversion {
        b'f' => {
            decimal.round_at(-precision);
            style.fixed(printer, padding, &decimal, precision);
        }
        b'e' => {
            decimal.round_at(decimal.leading_position() - precision);
            style.scientific(printer, padding, &decimal, precision);
        }
        _ => {
            // `g`: so many significant digits, in the shorter notation, without trailing zeros.
            let significant = precision.max(1);
            decimal.round_at(decimal.leading_position() - (significant - 1));
            let leading = decimal.leading_position();
            let lowest = leading - (significant - 1);
            let last = if style.keeps_point {
                lowest
            } else {
                lowest_nonzero(&decimal, lowest, leading)
            };
            if (-4..significant).contains(&leading) {
                style.fixed(printer, padding, &decimal, (-last).max(0));
            } else {
                style.scientific(printer, padding, &decimal, leading - last);
            }
        }
    }
}

/// The lowest position from `lowest` up to `highest` whose digit isn't zero; `highest` if there is none.
fn lowest_nonzero<const LIMBS: usize>(decimal: &Decimal<LIMBS>, lowest: i64, highest: i64) -> i64 {
    // Below the exact digits there are zeros only, as many as a large precision asks for.
    let first_digit = lowest.max(-(LONG_DOUBLE_LIMBS as i64) * 9);
    (first_digit..highest)
        .find(|position| decimal.digit(*position) != b'0')
        .unwrap_or(highest)
}

/// What a number's notation doesn't depend on its value for.
struct Style {
    sign: &'static [u8],
    is_upper: bool,
    /// The alternate form: a point even where no digit follows.
    keeps_point: bool,
}

impl Style {
    fn special_name(&self, magnitude: Magnitude) -> &'static [u8] {
        match (magnitude, self.is_upper) {
            (Magnitude::NotANumber, false) => b"nan",
            (Magnitude::NotANumber, true) => b"NAN",
            (_, false) => b"inf",
            (_, true) => b"INF",
        }
    }

    fn point(&self, digits_behind: i64) -> &'static [u8] {
        if digits_behind > 0 || self.keeps_point {
            b"."
        } else {
            b""
        }
    }

    /// `ddd.ddd`, with `precision` digits behind the point.
    fn fixed<const LIMBS: usize>(
        &self,
        printer: &mut Printer<'_>,
        padding: Padding,
        decimal: &Decimal<LIMBS>,
        precision: i64,
    ) {
        let highest = decimal.leading_position().max(0);
        let point = self.point(precision);
        let body_bytes = length(highest + 1, precision) + point.len();
        padding.number(printer, self.sign, body_bytes, |printer| {
            print_digits(printer, decimal, highest, 0);
            printer.put(point);
            print_digits(printer, decimal, -1, -precision);
        });
    }

    /// `d.ddde±dd`, with `precision` digits behind the point.
    fn scientific<const LIMBS: usize>(
        &self,
        printer: &mut Printer<'_>,
        padding: Padding,
        decimal: &Decimal<LIMBS>,
        precision: i64,
    ) {
        let leading = decimal.leading_position();
        let letter = if self.is_upper { b'E' } else { b'e' };
        let exponent = Exponent::new(letter, leading, 2);
        let point = self.point(precision);
        let body_bytes = length(1, precision) + point.len() + exponent.bytes().len();
        padding.number(printer, self.sign, body_bytes, |printer| {
            print_digits(printer, decimal, leading, leading);
            printer.put(point);
            print_digits(printer, decimal, leading - 1, leading - precision);
            printer.put(exponent.bytes());
        });
    }

    /// `0xh.hhhp±d`: exact unless a precision cuts it; then rounded to nearest, ties to even.
    fn hexadecimal(
        &self,
        printer: &mut Printer<'_>,
        padding: Padding,
        precision: Option<usize>,
        number: Finite,
    ) {
        let nibbles = (number.fraction_bits / 4) as usize;
        let kept = precision.map_or(nibbles, |precision| precision.min(nibbles));
        let mut significand = round_nibbles(number.significand, nibbles - kept);
        let mut exponent = match number.significand {
            0 => 0,
            _ => i64::from(number.exponent) + i64::from(number.fraction_bits),
        };
        if significand >> number.fraction_bits > 15 {
            significand >>= 4;
            exponent += 4;
        }
        let fraction = significand & ((1 << number.fraction_bits) - 1);
        let precision = precision.unwrap_or_else(|| match fraction {
            0 => 0,
            _ => nibbles - (fraction.trailing_zeros() / 4) as usize,
        });
        let digits = if self.is_upper {
            b"0123456789ABCDEF"
        } else {
            b"0123456789abcdef"
        };
        let nibble = |index: usize| digits[(significand >> (4 * index)) as usize & 15];

        let exponent = Exponent::new(if self.is_upper { b'P' } else { b'p' }, exponent, 1);
        let point = self.point(i64::from(precision > 0));
        let shown = precision.min(nibbles);
        let body_bytes = precision.saturating_add(1 + point.len() + exponent.bytes().len());

        let mut prefix = [0; 3];
        let (sign, rest) = prefix.split_at_mut(self.sign.len());
        sign.copy_from_slice(self.sign);
        rest[..2].copy_from_slice(if self.is_upper { b"0X" } else { b"0x" });
        padding.number(
            printer,
            &prefix[..self.sign.len() + 2],
            body_bytes,
            |printer| {
                printer.put(&[nibble(nibbles)]);
                printer.put(point);
                for index in (nibbles - shown..nibbles).rev() {
                    printer.put(&[nibble(index)]);
                }
                printer.fill(b'0', precision - shown);
                printer.put(exponent.bytes());
            },
        );
    }
}

/// Rounds away that many hexadecimal digits, to nearest, ties to even.
fn round_nibbles(significand: u128, dropped: usize) -> u128 {
    if dropped == 0 {
        return significand;
    }
    let unit = 1_u128 << (4 * dropped);
    let tail = significand % unit;
    let floor = significand - tail;
    let is_odd = floor & unit != 0;
    if tail > unit / 2 || tail == unit / 2 && is_odd {
        floor + unit
    } else {
        floor
    }
}

/// The digits from one position down to another; none if they are the wrong way round.
fn print_digits<const LIMBS: usize>(
    printer: &mut Printer<'_>,
    decimal: &Decimal<LIMBS>,
    from: i64,
    to: i64,
) {
    for position in (to..=from).rev() {
        printer.put(&[decimal.digit(position)]);
    }
}

/// The sum of two non-negative numbers of digits.
fn length(whole: i64, behind_point: i64) -> usize {
    usize::try_from(whole.saturating_add(behind_point)).unwrap_or(usize::MAX)
}

/// A number's exponent: a letter, a sign, and digits.
struct Exponent {
    buffer: [u8; 8],
    length: usize,
}

impl Exponent {
    /// `value` has at most five digits in every format; at least `least_digits` are written.
    fn new(letter: u8, value: i64, least_digits: usize) -> Self {
        let mut buffer = [b'0'; 8];
        buffer[0] = letter;
        buffer[1] = if value < 0 { b'-' } else { b'+' };
        let mut rest = value.unsigned_abs();
        let count = (rest.checked_ilog10().unwrap_or(0) as usize + 1).max(least_digits);
        let length = 2 + count;
        for digit in buffer[2..length].iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        Self { buffer, length }
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}
