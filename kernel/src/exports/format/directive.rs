//! One conversion specification: `%`, flags, width, precision, length, conversion (C17 7.21.6.1, paragraph 4).

/// A conversion specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Directive {
    pub(super) flags: Flags,
    pub(super) width: Option<Amount>,
    pub(super) precision: Option<Amount>,
    pub(super) length: Length,
    /// The conversion's letter.
    pub(super) conversion: u8,
}

/// The flags `-+ #0`; the flag `'` is read and has no effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags {
    pub(super) is_left: bool,
    pub(super) has_plus: bool,
    pub(super) has_space: bool,
    pub(super) is_alternate: bool,
    pub(super) is_zero_padded: bool,
}

impl Flags {
    /// What stands before a number of this sign.
    pub(super) fn sign(self, is_negative: bool) -> &'static [u8] {
        match (is_negative, self.has_plus, self.has_space) {
            (true, _, _) => b"-",
            (_, true, _) => b"+",
            (_, _, true) => b" ",
            _ => b"",
        }
    }
}

/// A width or a precision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Amount {
    /// Written in the template.
    Given(usize),
    /// `*`: the next argument.
    Argument,
}

/// The size of an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Length {
    /// No length modifier: `int`, `double`.
    Plain,
    /// `hh`: `char`.
    Char,
    /// `h`: `short`.
    Short,
    /// `l`, `ll`, `z`, `j`, `t`: 64 bits on both machines. With `c` and `s`: wide characters.
    Long,
    /// `L`: `long double`; with an integer, as glibc has it, 64 bits.
    LongDouble,
}

impl Directive {
    /// Reads what follows a `%`; returns also how many bytes it took. `None` if the template ends in the middle of it.
    pub(super) fn parse(template: &[u8]) -> Option<(Self, usize)> {
        let mut cursor = Cursor {
            bytes: template,
            taken: 0,
        };
        let flags = cursor.flags();
        let width = cursor.amount();
        let precision = cursor
            .take_if(|byte| byte == b'.')
            .map(|_| cursor.amount().unwrap_or(Amount::Given(0)));
        let length = cursor.length();
        let conversion = cursor.take_if(|_| true)?;
        let directive = Self {
            flags,
            width,
            precision,
            length,
            conversion,
        };
        Some((directive, cursor.taken))
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    taken: usize,
}

impl Cursor<'_> {
    fn take_if(&mut self, is_wanted: impl Fn(u8) -> bool) -> Option<u8> {
        let byte = *self
            .bytes
            .get(self.taken)
            .filter(|byte| is_wanted(**byte))?;
        self.taken += 1;
        Some(byte)
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(flag) = self.take_if(|byte| b"-+ #0'".contains(&byte)) {
            match flag {
                b'-' => flags.is_left = true,
                b'+' => flags.has_plus = true,
                b' ' => flags.has_space = true,
                b'#' => flags.is_alternate = true,
                b'0' => flags.is_zero_padded = true,
                _ => {}
            }
        }
        flags
    }

    fn amount(&mut self) -> Option<Amount> {
        if self.take_if(|byte| byte == b'*').is_some() {
            return Some(Amount::Argument);
        }
        let mut amount = None;
        while let Some(digit) = self.take_if(|byte| byte.is_ascii_digit()) {
            let value: usize = amount.unwrap_or(0);
            amount = Some(
                value
                    .saturating_mul(10)
                    .saturating_add(usize::from(digit - b'0')),
            );
        }
        amount.map(Amount::Given)
    }

    fn length(&mut self) -> Length {
        match self.take_if(|byte| b"hlqLzjt".contains(&byte)) {
            None => Length::Plain,
            Some(b'h') => match self.take_if(|byte| byte == b'h') {
                Some(_) => Length::Char,
                None => Length::Short,
            },
            Some(b'l') => {
                self.take_if(|byte| byte == b'l');
                Length::Long
            }
            Some(b'L') => Length::LongDouble,
            Some(_) => Length::Long,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Amount, Directive, Flags, Length};

    #[test]
    fn every_part_is_read() {
        let (directive, taken) = Directive::parse(b"-#+0 *.12lld rest").unwrap();
        let flags = Flags {
            is_left: true,
            has_plus: true,
            has_space: true,
            is_alternate: true,
            is_zero_padded: true,
        };
        assert_eq!(
            directive,
            Directive {
                flags,
                width: Some(Amount::Argument),
                precision: Some(Amount::Given(12)),
                length: Length::Long,
                conversion: b'd',
            }
        );
        assert_eq!(taken, 12);
    }

    #[test]
    fn a_point_alone_is_precision_zero() {
        let (directive, _) = Directive::parse(b"5.f").unwrap();
        assert_eq!(directive.width, Some(Amount::Given(5)));
        assert_eq!(directive.precision, Some(Amount::Given(0)));
    }

    #[test]
    fn a_template_that_ends_early_has_no_directive() {
        assert_eq!(Directive::parse(b""), None);
        assert_eq!(Directive::parse(b"-12.3l"), None);
    }
}
