//! The walk through a template: text is copied, each conversion fetches its argument and prints it.

use core::ffi::{c_char, c_int};

use super::directive::{Amount, Directive, Flags, Length};
use super::field::Padding;
use super::float::print_real;
use super::integer::{Base, print_pointer, print_signed, print_unsigned};
use super::output::{Output, Printer};
use super::real::Real;
use crate::exports::va_list::Arguments;
use crate::exports::{errno, raw};

/// Why a template can't be followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::exports) enum FormatError {
    /// The result has more bytes than an `int` counts.
    TooLong,
    /// Arguments by number (`%1$d`), or an end inside a conversion: C leaves that open, glibc fails too.
    Malformed,
    /// A wide character that isn't a Unicode scalar value.
    NotACharacter,
    /// `%n`, which would store a count through a pointer.
    StoresCount,
}

impl FormatError {
    /// The `errno` for it.
    pub(in crate::exports) fn errno(self) -> c_int {
        match self {
            Self::TooLong => errno::EOVERFLOW,
            Self::NotACharacter => errno::EILSEQ,
            Self::Malformed | Self::StoresCount => errno::EINVAL,
        }
    }
}

/// Writes what a template and its arguments make to `output`; returns the number of bytes. After an error, what came
/// before has been written.
///
/// # Safety
/// The arguments have the types that the template's conversions name; strings among them end in a NUL or have as many bytes
/// as the precision.
pub(in crate::exports) unsafe fn format(
    output: &mut dyn Output,
    template: &[u8],
    arguments: &mut dyn Arguments,
) -> Result<c_int, FormatError> {
    let mut walk = Walk {
        printer: Printer::new(output),
        arguments,
    };
    let mut rest = template;
    while let Some(percent) = rest.iter().position(|byte| *byte == b'%') {
        walk.printer.put(&rest[..percent]);
        let behind = &rest[percent + 1..];
        let Some((directive, taken)) = Directive::parse(behind) else {
            return Err(FormatError::Malformed);
        };
        let written = &rest[percent..percent + 1 + taken];
        // SAFETY: the caller's promise about this conversion's arguments.
        unsafe { walk.convert(directive, written) }?;
        rest = &behind[taken..];
    }
    walk.printer.put(rest);
    c_int::try_from(walk.printer.written()).map_err(|_| FormatError::TooLong)
}

/// Where the walk has come to.
struct Walk<'a> {
    printer: Printer<'a>,
    arguments: &'a mut dyn Arguments,
}

impl Walk<'_> {
    /// # Safety
    /// The next arguments have the types that the conversion names.
    unsafe fn convert(&mut self, directive: Directive, written: &[u8]) -> Result<(), FormatError> {
        // SAFETY: the caller's promise.
        let (padding, precision) = unsafe { self.resolve(directive) }?;
        let length = directive.length;
        match directive.conversion {
            b'd' | b'i' => {
                // SAFETY: an integer is next.
                let value = signed(unsafe { self.arguments.word() }, length);
                print_signed(&mut self.printer, padding, precision, value);
            }
            conversion @ (b'u' | b'o' | b'x' | b'X' | b'b' | b'B') => {
                // SAFETY: an integer is next.
                let value = unsigned(unsafe { self.arguments.word() }, length);
                print_unsigned(
                    &mut self.printer,
                    padding,
                    precision,
                    value,
                    base(conversion),
                );
            }
            conversion @ (b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A') => {
                // SAFETY: a number of this length is next.
                let real = unsafe { self.next_real(length) };
                print_real(&mut self.printer, padding, precision, conversion, real);
            }
            b'c' | b'C' => {
                // SAFETY: a character, passed as an integer, is next.
                let value = unsafe { self.arguments.word() } as u32;
                if directive.conversion == b'C' || length == Length::Long {
                    padding.text(
                        &mut self.printer,
                        wide_character(value)?.encode_utf8(&mut [0; 4]).as_bytes(),
                    );
                } else {
                    padding.text(&mut self.printer, &[value as u8]);
                }
            }
            b's' | b'S' => {
                // SAFETY: a pointer is next.
                let address = unsafe { self.arguments.word() } as usize;
                let is_wide = directive.conversion == b'S' || length == Length::Long;
                // SAFETY: it points to a string of this kind, or is null.
                unsafe { self.print_string(padding, precision, address, is_wide) }?;
            }
            b'p' => {
                // SAFETY: a pointer is next.
                let value = unsafe { self.arguments.word() };
                print_pointer(&mut self.printer, padding, precision, value);
            }
            b'm' => padding.text(
                &mut self.printer,
                errno::description(errno::get()).unwrap_or(b"Unknown error"),
            ),
            b'%' => self.printer.put(b"%"),
            b'$' => return Err(FormatError::Malformed),
            b'n' => return Err(FormatError::StoresCount),
            // Undefined in C; glibc writes such a conversion out as it stands.
            _ => self.printer.put(written),
        }
        Ok(())
    }

    /// Fetches a width and a precision that are arguments. A negative width means the flag `-`; a negative precision, none.
    ///
    /// # Safety
    /// The next arguments are the `int`s that the conversion asks for.
    unsafe fn resolve(
        &mut self,
        directive: Directive,
    ) -> Result<(Padding, Option<usize>), FormatError> {
        let mut flags = directive.flags;
        let width = match directive.width {
            None => 0,
            Some(Amount::Given(width)) => width,
            Some(Amount::Argument) => {
                // SAFETY: an `int` is next.
                let width = unsafe { self.arguments.word() } as c_int;
                flags = Flags {
                    is_left: flags.is_left || width < 0,
                    ..flags
                };
                width.unsigned_abs() as usize
            }
        };
        let precision = match directive.precision {
            None => None,
            Some(Amount::Given(precision)) => Some(precision),
            Some(Amount::Argument) => {
                // SAFETY: an `int` is next.
                usize::try_from(unsafe { self.arguments.word() } as c_int).ok()
            }
        };
        // Refused before anything is written: the field alone would be longer than an `int` counts.
        let longest = c_int::MAX as usize;
        if width > longest || precision.is_some_and(|precision| precision > longest) {
            return Err(FormatError::TooLong);
        }
        Ok((Padding { flags, width }, precision))
    }

    /// # Safety
    /// The next argument is a `double`, or a `long double` if the length says so.
    unsafe fn next_real(&mut self, length: Length) -> Real {
        match length {
            // SAFETY: the caller's promise.
            Length::LongDouble => unsafe { self.arguments.long_double() },
            // SAFETY: the caller's promise.
            _ => Real::from_double(unsafe { self.arguments.double() }),
        }
    }

    /// # Safety
    /// `address` is null or that of a string: of bytes, or of wide characters; it ends in a NUL unless the precision ends
    /// it.
    unsafe fn print_string(
        &mut self,
        padding: Padding,
        precision: Option<usize>,
        address: usize,
        is_wide: bool,
    ) -> Result<(), FormatError> {
        let most = precision.unwrap_or(usize::MAX);
        if address == 0 {
            // As glibc: whole or not at all.
            let text: &[u8] = if most < 6 { b"" } else { b"(null)" };
            padding.text(&mut self.printer, text);
            return Ok(());
        }
        if is_wide {
            // SAFETY: the caller's promise.
            return unsafe { self.print_wide(padding, most, address as *const u32) };
        }
        let start = address as *const c_char;
        let text = match precision {
            // SAFETY: the caller's promise.
            None => unsafe { raw::text(start) },
            // SAFETY: the caller's promise.
            Some(most) => unsafe { raw::text_within(start, most) },
        };
        padding.text(&mut self.printer, text);
        Ok(())
    }

    /// Writes wide characters as UTF-8, as many whole ones as `most` bytes hold. They are read twice: the field's length
    /// comes before its bytes.
    ///
    /// # Safety
    /// `start` points to wide characters that end in a NUL, or to as many as make `most` bytes.
    unsafe fn print_wide(
        &mut self,
        padding: Padding,
        most: usize,
        start: *const u32,
    ) -> Result<(), FormatError> {
        let (mut count, mut bytes) = (0, 0);
        while bytes < most {
            // SAFETY: the string hasn't ended before this character.
            let value = unsafe { raw::load(start.wrapping_add(count)) };
            let next = bytes + wide_character(value)?.len_utf8();
            if value == 0 || next > most {
                break;
            }
            (count, bytes) = (count + 1, next);
        }
        let flags = Flags {
            is_zero_padded: false,
            ..padding.flags
        };
        let padding = Padding { flags, ..padding };
        padding.number(&mut self.printer, b"", bytes, |printer| {
            for index in 0..count {
                // SAFETY: it was read above.
                let value = unsafe { raw::load(start.wrapping_add(index)) };
                let character = wide_character(value).unwrap_or(char::REPLACEMENT_CHARACTER);
                printer.put(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        });
        Ok(())
    }
}

fn wide_character(value: u32) -> Result<char, FormatError> {
    char::from_u32(value).ok_or(FormatError::NotACharacter)
}

/// The argument as the type that the length names, sign-extended.
fn signed(word: u64, length: Length) -> i64 {
    match length {
        Length::Char => i64::from(word as i8),
        Length::Short => i64::from(word as i16),
        Length::Plain => i64::from(word as i32),
        Length::Long | Length::LongDouble => word.cast_signed(),
    }
}

/// The argument as the type that the length names.
fn unsigned(word: u64, length: Length) -> u64 {
    match length {
        Length::Char => u64::from(word as u8),
        Length::Short => u64::from(word as u16),
        Length::Plain => u64::from(word as u32),
        Length::Long | Length::LongDouble => word,
    }
}

fn base(conversion: u8) -> Base {
    match conversion {
        b'o' => Base::OCTAL,
        b'x' => Base::HEXADECIMAL,
        b'X' => Base::UPPER_HEXADECIMAL,
        b'b' => Base::BINARY,
        b'B' => Base::UPPER_BINARY,
        _ => Base::DECIMAL,
    }
}
