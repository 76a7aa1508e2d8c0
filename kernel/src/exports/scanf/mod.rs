//! `sscanf` (C17 7.21.6.2, 7.21.6.7). The conversions `d i u o x X p c s [ f e g a n %` with `*`, widths and lengths; numbers are
//! read as `number` reads them, at most 64 bits wide. `%La` and its like, numbered arguments and wide strings end the scan.
//! There is no input: `scanf` and `fscanf` find its end.

mod directive;

use core::ffi::{c_char, c_int};

use super::machine::{VaList, variadic};
use super::number::{self, Parsed};
use super::stream::EOF;
use super::va_list::Arguments;
use super::{character, raw};
use directive::Directive;

unsafe extern "C" fn vsscanf(
    text: *const c_char,
    template: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the module's promise.
    let text = unsafe { raw::text(text) };
    // SAFETY: the module's promise.
    let template = unsafe { raw::text(template) };
    // SAFETY: the list is the caller's to use up.
    let arguments = unsafe { &mut *arguments };
    // SAFETY: the module's promise about the arguments.
    unsafe { scan(text, template, arguments) }
}

variadic!(sscanf => vsscanf(_, _, _));

/// `scanf`, `fscanf` and their `v` forms: whatever follows, there is nothing to read.
extern "C" fn scan_input() -> c_int {
    EOF
}

exports! {
    pub(super) static EXPORTS:
    shim sscanf;
    shim sscanf as "__isoc99_sscanf";
    shim sscanf as "__isoc23_sscanf";
    function vsscanf(_, _, _) -> _;
    function vsscanf(_, _, _) -> _ as "__isoc99_vsscanf";
    function vsscanf(_, _, _) -> _ as "__isoc23_vsscanf";
    function scan_input() -> _ as "scanf";
    function scan_input() -> _ as "__isoc99_scanf";
    function scan_input() -> _ as "__isoc23_scanf";
    function scan_input() -> _ as "fscanf";
    function scan_input() -> _ as "__isoc99_fscanf";
    function scan_input() -> _ as "__isoc23_fscanf";
}

/// Why a scan stops before its template's end.
enum Stop {
    /// The text has ended.
    End,
    /// The text isn't what the template says.
    Mismatch,
}

/// Reads a text by a template; returns how many arguments were assigned, or `EOF` if the text ended before the first
/// conversion.
///
/// # Safety
/// The arguments are addresses of what the template's conversions name.
unsafe fn scan(text: &[u8], template: &[u8], arguments: &mut dyn Arguments) -> c_int {
    let mut scan = Scan {
        text,
        position: 0,
        assigned: 0,
        has_converted: false,
        arguments,
    };
    // SAFETY: the caller's promise.
    match unsafe { scan.follow(template) } {
        Err(Stop::End) if !scan.has_converted => EOF,
        _ => scan.assigned,
    }
}

struct Scan<'a> {
    text: &'a [u8],
    position: usize,
    assigned: c_int,
    has_converted: bool,
    arguments: &'a mut dyn Arguments,
}

impl<'a> Scan<'a> {
    /// # Safety
    /// The arguments are addresses of what the template's conversions name.
    unsafe fn follow(&mut self, mut template: &[u8]) -> Result<(), Stop> {
        while let [first, rest @ ..] = template {
            template = rest;
            if character::is_space(*first) {
                self.skip_blanks();
            } else if *first != b'%' {
                self.expect(*first)?;
            } else {
                let (directive, rest) = Directive::parse(rest).ok_or(Stop::Mismatch)?;
                template = rest;
                // SAFETY: the caller's promise.
                unsafe { self.convert(&directive) }?;
            }
        }
        Ok(())
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.position..]
    }

    /// What is left of the text, as much as a width allows.
    fn field(&self, width: Option<usize>) -> &'a [u8] {
        let rest = self.rest();
        &rest[..rest.len().min(width.unwrap_or(usize::MAX))]
    }

    fn skip_blanks(&mut self) {
        self.position += self
            .rest()
            .iter()
            .take_while(|byte| character::is_space(**byte))
            .count();
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Stop> {
        match self.rest().first() {
            Some(byte) if *byte == wanted => self.position += 1,
            Some(_) => return Err(Stop::Mismatch),
            None => return Err(Stop::End),
        }
        Ok(())
    }

    /// # Safety
    /// The next argument is the address of what the conversion names.
    unsafe fn convert(&mut self, directive: &Directive<'_>) -> Result<(), Stop> {
        let conversion = directive.conversion;
        if conversion == b'n' {
            // SAFETY: the caller's promise. It counts for nothing, as C says.
            unsafe { self.store_integer(directive, self.position as u64) };
            return Ok(());
        }
        if !matches!(conversion, b'c' | b'[') {
            self.skip_blanks();
        }
        if conversion == b'%' {
            return self.expect(b'%');
        }
        if self.rest().is_empty() {
            return Err(Stop::End);
        }
        match conversion {
            b'c' => {
                let count = directive.width.unwrap_or(1);
                let field = self.rest().get(..count).ok_or(Stop::End)?;
                // SAFETY: the caller's promise.
                unsafe { self.store_text(directive, field, false) }
            }
            b's' => {
                // SAFETY: the caller's promise.
                unsafe { self.take_text(directive, |byte| !character::is_space(byte)) }
            }
            b'[' => {
                // SAFETY: the caller's promise.
                unsafe { self.take_text(directive, |byte| directive.is_in_set(byte)) }
            }
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'p' => {
                // SAFETY: the caller's promise.
                unsafe { self.take_integer(directive) }
            }
            b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
                // SAFETY: the caller's promise.
                unsafe { self.take_real(directive) }
            }
            _ => Err(Stop::Mismatch),
        }
    }

    /// # Safety
    /// The next argument is the address of an integer of the directive's size.
    unsafe fn take_integer(&mut self, directive: &Directive<'_>) -> Result<(), Stop> {
        let (base, is_signed) = match directive.conversion {
            b'd' => (10, true),
            b'i' => (0, true),
            b'o' => (8, false),
            b'u' => (10, false),
            _ => (16, false),
        };
        let parsed: Parsed = number::parse_integer(self.field(directive.width), base, false)
            .ok_or(Stop::Mismatch)?;
        self.position += parsed.taken;
        self.has_converted = true;
        let value = if is_signed {
            parsed
                .signed()
                .unwrap_or_else(|nearest| nearest)
                .cast_unsigned()
        } else {
            parsed.unsigned().unwrap_or_else(|nearest| nearest)
        };
        // SAFETY: the caller's promise.
        unsafe { self.store_integer(directive, value) };
        self.count(directive);
        Ok(())
    }

    /// # Safety
    /// The next argument is the address of a floating-point number of the directive's size.
    unsafe fn take_real(&mut self, directive: &Directive<'_>) -> Result<(), Stop> {
        let (number, taken) = number::real_at(self.field(directive.width));
        if taken == 0 {
            return Err(Stop::Mismatch);
        }
        self.position += taken;
        self.has_converted = true;
        if directive.is_suppressed {
            return Ok(());
        }
        // SAFETY: the caller's promise.
        let place = unsafe { self.arguments.word() } as usize;
        match directive.size_bytes {
            4 => {
                let bits = number.parse::<f32>().unwrap_or(0.0).to_bits();
                // SAFETY: the caller's promise: a `float`.
                unsafe { raw::store(place as *mut u32, bits) };
            }
            8 => {
                let bits = number.parse::<f64>().unwrap_or(0.0).to_bits();
                // SAFETY: the caller's promise: a `double`.
                unsafe { raw::store(place as *mut u64, bits) };
            }
            _ => return Err(Stop::Mismatch),
        }
        self.count(directive);
        Ok(())
    }

    /// # Safety
    /// The next argument is the address of an array with room for the text and a NUL.
    unsafe fn take_text(
        &mut self,
        directive: &Directive<'_>,
        is_member: impl Fn(u8) -> bool,
    ) -> Result<(), Stop> {
        let field = self.field(directive.width);
        let length = field.iter().take_while(|byte| is_member(**byte)).count();
        if length == 0 {
            return Err(Stop::Mismatch);
        }
        // SAFETY: the caller's promise.
        unsafe { self.store_text(directive, &field[..length], true) }
    }

    /// # Safety
    /// The next argument is the address of an array with room for the text, and for a NUL if one ends it.
    unsafe fn store_text(
        &mut self,
        directive: &Directive<'_>,
        text: &[u8],
        is_ended: bool,
    ) -> Result<(), Stop> {
        self.position += text.len();
        self.has_converted = true;
        if directive.is_suppressed {
            return Ok(());
        }
        // SAFETY: the caller's promise.
        let place = unsafe { self.arguments.word() } as usize as *mut u8;
        // SAFETY: the caller's promise.
        unsafe { place.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
        if is_ended {
            // SAFETY: the caller's promise.
            unsafe { raw::store(place.wrapping_add(text.len()), 0) };
        }
        self.count(directive);
        Ok(())
    }

    /// # Safety
    /// The next argument is the address of an integer of the directive's size, or of a pointer for `%p`.
    unsafe fn store_integer(&mut self, directive: &Directive<'_>, value: u64) {
        if directive.is_suppressed {
            return;
        }
        // SAFETY: the caller's promise.
        let place = unsafe { self.arguments.word() } as usize as *mut u8;
        let size_bytes = match directive.conversion {
            b'p' => 8,
            _ => directive.size_bytes.min(8),
        };
        let bytes = value.to_le_bytes();
        // SAFETY: the caller's promise; both machines are little-endian.
        unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), size_bytes) };
    }

    fn count(&mut self, directive: &Directive<'_>) {
        self.assigned += c_int::from(!directive.is_suppressed);
    }
}

#[cfg(test)]
mod tests {
    use core::ffi::{CStr, c_char, c_int};

    use super::{EOF, sscanf};

    type Scan = unsafe extern "C" fn(*const c_char, *const c_char, ...) -> c_int;

    fn scan() -> Scan {
        // SAFETY: the shim's C type.
        unsafe { core::mem::transmute(sscanf as *const ()) }
    }

    #[test]
    fn numbers_are_stored_in_their_size() {
        let (mut byte, mut short, mut int, mut long) = (0_i8, 0_u16, 0_i32, 0_u64);
        let (mut single, mut double) = (0_f32, 0_f64);
        // SAFETY: the arguments are what the template says.
        let count = unsafe {
            scan()(
                c"-7 0xffff 0x1F:18446744073709551615 1.5 -2.5e3".as_ptr(),
                c"%hhd %hx %i:%lu %f %lf".as_ptr(),
                &raw mut byte,
                &raw mut short,
                &raw mut int,
                &raw mut long,
                &raw mut single,
                &raw mut double,
            )
        };
        assert_eq!(
            (count, byte, short, int, long),
            (6, -7, 0xffff, 31, u64::MAX)
        );
        assert_eq!((single, double), (1.5, -2500.0));
    }

    #[test]
    fn words_sets_characters_and_widths_are_cut_rightly() {
        let mut words = [[b'x'; 8]; 4];
        let [first, second, third, fourth] = &mut words;
        let mut end = 0;
        // SAFETY: the arguments are what the template says, and have room.
        let count = unsafe {
            scan()(
                c" key = va]lue-12345".as_ptr(),
                c"%7s =%*[ ]%2[a-z]%[]a-z]-%2c%n".as_ptr(),
                first.as_mut_ptr(),
                second.as_mut_ptr(),
                third.as_mut_ptr(),
                fourth.as_mut_ptr(),
                &raw mut end,
            )
        };
        assert_eq!((count, end), (4, 16));
        assert_eq!(CStr::from_bytes_until_nul(first), Ok(c"key"));
        assert_eq!(CStr::from_bytes_until_nul(second), Ok(c"va"));
        assert_eq!(CStr::from_bytes_until_nul(third), Ok(c"]lue"));
        assert_eq!(fourth, b"12xxxxxx");
    }

    #[test]
    fn a_scan_stops_where_the_text_differs() {
        let (mut first, mut second) = (0_i32, 0_i32);
        let mut count = |text: &'static CStr| {
            // SAFETY: the arguments are what the template says.
            unsafe {
                scan()(
                    text.as_ptr(),
                    c"%d,%d".as_ptr(),
                    &raw mut first,
                    &raw mut second,
                )
            }
        };
        assert_eq!(
            [
                count(c"1,2"),
                count(c"1;2"),
                count(c"x"),
                count(c""),
                count(c"  ")
            ],
            [2, 1, 0, EOF, EOF]
        );
        assert_eq!((first, second), (1, 2));
    }
}
