//! `d i u o x X b B p`: integers (C17 7.21.6.1, paragraph 8; `b` from C23).

use super::field::Padding;
use super::output::Printer;

/// Writes a signed number in decimal.
pub(super) fn print_signed(
    printer: &mut Printer<'_>,
    padding: Padding,
    precision: Option<usize>,
    value: i64,
) {
    let number = Number {
        prefix: padding.flags.sign(value < 0),
        digits: Digits::of(value.unsigned_abs(), Base::DECIMAL),
        needs_leading_zero: false,
    };
    number.print(printer, padding, precision);
}

/// Writes an unsigned number. The alternate form has a prefix, which zero does without; in octal it is a leading zero
/// digit.
pub(super) fn print_unsigned(
    printer: &mut Printer<'_>,
    padding: Padding,
    precision: Option<usize>,
    value: u64,
    base: Base,
) {
    let is_alternate = padding.flags.is_alternate;
    let number = Number {
        prefix: if is_alternate && value != 0 {
            base.prefix
        } else {
            b""
        },
        digits: Digits::of(value, base),
        needs_leading_zero: is_alternate && base.radix == 8,
    };
    number.print(printer, padding, precision);
}

/// Writes an address as glibc does: in hexadecimal with its prefix, and the null pointer as `(nil)`.
pub(super) fn print_pointer(
    printer: &mut Printer<'_>,
    padding: Padding,
    precision: Option<usize>,
    value: u64,
) {
    if value == 0 {
        return padding.text(printer, b"(nil)");
    }
    let number = Number {
        // A sign that was asked for is written: an address is signed to glibc.
        prefix: match padding.flags.sign(false) {
            b"+" => b"+0x",
            b" " => b" 0x",
            _ => b"0x",
        },
        digits: Digits::of(value, Base::HEXADECIMAL),
        needs_leading_zero: false,
    };
    number.print(printer, padding, precision);
}

/// How unsigned numbers are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    radix: u64,
    digits: &'static [u8; 16],
    prefix: &'static [u8],
}

impl Base {
    pub(super) const DECIMAL: Self = Self::new(10, b"0123456789abcdef", b"");
    pub(super) const OCTAL: Self = Self::new(8, b"0123456789abcdef", b"");
    pub(super) const HEXADECIMAL: Self = Self::new(16, b"0123456789abcdef", b"0x");
    pub(super) const UPPER_HEXADECIMAL: Self = Self::new(16, b"0123456789ABCDEF", b"0X");
    pub(super) const BINARY: Self = Self::new(2, b"0123456789abcdef", b"0b");
    pub(super) const UPPER_BINARY: Self = Self::new(2, b"0123456789ABCDEF", b"0B");

    const fn new(radix: u64, digits: &'static [u8; 16], prefix: &'static [u8]) -> Self {
        Self {
            radix,
            digits,
            prefix,
        }
    }
}

/// A number's digits; zero has one.
struct Digits {
    buffer: [u8; 64],
    start: usize,
}

impl Digits {
    fn of(mut value: u64, base: Base) -> Self {
        let mut buffer = [b'0'; 64];
        let mut start = buffer.len();
        loop {
            start -= 1;
            buffer[start] = base.digits[(value % base.radix) as usize];
            value /= base.radix;
            if value == 0 {
                return Self { buffer, start };
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }
}

/// What is written of an integer.
struct Number {
    prefix: &'static [u8],
    digits: Digits,
    needs_leading_zero: bool,
}

impl Number {
    /// A precision is the least number of digits, turns zero padding off, and with a precision of 0 a zero has no digit.
    fn print(&self, printer: &mut Printer<'_>, mut padding: Padding, precision: Option<usize>) {
        let digits = match (precision, self.digits.bytes()) {
            (Some(0), b"0") => b"",
            (_, bytes) => bytes,
        };
        let mut zeros = precision.unwrap_or(0).saturating_sub(digits.len());
        if self.needs_leading_zero && zeros == 0 && digits.first() != Some(&b'0') {
            zeros = 1;
        }
        padding.flags.is_zero_padded &= precision.is_none();
        let body_bytes = zeros.saturating_add(digits.len());
        padding.number(printer, self.prefix, body_bytes, |printer| {
            printer.fill(b'0', zeros);
            printer.put(digits);
        });
    }
}
