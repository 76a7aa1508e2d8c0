//! Text of bounded length held inline: what errors carry, so that reporting one never allocates.
//!
//! It is made of [`Words`], most often. What formats any value, `core::fmt`, brings code for all that a value may be shown as: who
//! shows no error is without it.

use core::fmt::{self, Write};

use super::{Name, int};

/// What shows that a text was cut.
const ELLIPSIS: &str = "…";

/// At most `N` bytes of text; what doesn't fit is cut at a character, and an ellipsis shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
    is_cut: bool,
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
            is_cut: false,
        }
    }

    /// These words; several as a tuple.
    pub fn of(words: impl Words) -> Self {
        Self::of_any(&words)
    }

    /// One piece of code for all words. Most texts are errors', which hardly ever are made.
    #[cold]
    #[inline(never)]
    fn of_any(words: &dyn Words) -> Self {
        let mut text = Self::new();
        words.add_to(&mut text.tail());
        text
    }

    /// What `value` displays as.
    pub fn display(value: impl fmt::Display) -> Self {
        Self::of(Displayed(value))
    }

    /// The text, without the ellipsis.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or(&[]);
        super::utf8(bytes).unwrap_or("")
    }

    fn tail(&mut self) -> Tail<'_> {
        Tail {
            bytes: &mut self.bytes,
            len: &mut self.len,
            is_cut: &mut self.is_cut,
        }
    }

    /// Whether something was cut off.
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }
}

impl<const N: usize> From<&str> for Text<N> {
    fn from(words: &str) -> Self {
        Self::of(words)
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Write for Text<N> {
    fn write_str(&mut self, added: &str) -> fmt::Result {
        self.tail().write_str(added)
    }
}

/// What a text can be made of.
pub trait Words {
    /// Writes them.
    fn add_to(&self, text: &mut Tail<'_>);
}

/// A number in decimal digits.
#[derive(Clone, Copy, Debug)]
pub struct Decimal(pub u64);

/// A number that may be negative, in decimal digits.
#[derive(Clone, Copy, Debug)]
pub struct Signed(pub i64);

/// A number in hexadecimal digits, `0x` before them.
#[derive(Clone, Copy, Debug)]
pub struct Hex(pub u64);

impl<W: Words + ?Sized> Words for &W {
    fn add_to(&self, text: &mut Tail<'_>) {
        (**self).add_to(text);
    }
}

impl Words for str {
    fn add_to(&self, text: &mut Tail<'_>) {
        text.add(self);
    }
}

impl<const N: usize> Words for Text<N> {
    fn add_to(&self, text: &mut Tail<'_>) {
        text.add(self.as_str());
        if self.is_cut {
            text.add(ELLIPSIS);
        }
    }
}

impl Words for Name<'_> {
    fn add_to(&self, text: &mut Tail<'_>) {
        // Nothing fails: what is too long is cut.
        let _ = self.show(|character| text.write_char(character));
    }
}

impl Words for Decimal {
    fn add_to(&self, text: &mut Tail<'_>) {
        text.add_number(self.0, 10);
    }
}

impl Words for Signed {
    fn add_to(&self, text: &mut Tail<'_>) {
        text.add(if self.0 < 0 { "-" } else { "" });
        text.add_number(self.0.unsigned_abs(), 10);
    }
}

impl Words for Hex {
    fn add_to(&self, text: &mut Tail<'_>) {
        text.add("0x");
        text.add_number(self.0, 16);
    }
}

/// What is no words, such as `format_args!(…)`: it brings what formats any value.
#[derive(Clone, Copy, Debug)]
pub struct Displayed<D>(pub D);

impl<D: fmt::Display> Words for Displayed<D> {
    fn add_to(&self, text: &mut Tail<'_>) {
        // Writing can't fail; what is too long is cut.
        let _ = write!(text, "{}", self.0);
    }
}

macro_rules! several_words {
    ($($part:ident)*) => {
        impl<$($part: Words),*> Words for ($($part,)*) {
            #[inline]
            fn add_to(&self, text: &mut Tail<'_>) {
                #[expect(non_snake_case, reason = "each part is called as its type is")]
                let ($($part,)*) = self;
                $($part.add_to(text);)*
            }
        }
    };
}

several_words!(A B);
several_words!(A B C);
several_words!(A B C D);
several_words!(A B C D E);

/// A text of any bound, to which more is written: one piece of code for all bounds.
pub struct Tail<'t> {
    bytes: &'t mut [u8],
    len: &'t mut usize,
    is_cut: &'t mut bool,
}

impl Tail<'_> {
    /// Adds as much as there is room for, once something was cut nothing more.
    #[inline(never)]
    pub fn add(&mut self, added: &str) {
        let room = self.bytes.get_mut(*self.len..).unwrap_or(&mut []);
        let len = match *self.is_cut {
            true => 0,
            false => added.floor_char_boundary(room.len()),
        };
        for (place, &byte) in room.iter_mut().zip(added.as_bytes().iter().take(len)) {
            *place = byte;
        }
        *self.len = self.len.saturating_add(len);
        *self.is_cut |= len < added.len();
    }

    fn add_number(&mut self, number: u64, base: u32) {
        let digits = number.checked_ilog(u64::from(base)).unwrap_or(0);
        for place in (0..=digits).rev() {
            let power = u64::from(base).wrapping_pow(place);
            let digit = number.checked_div(power).unwrap_or(0);
            let digit = digit.checked_rem(base.into()).unwrap_or(0);
            let digit = char::from_digit(int::low_u32(digit), base).unwrap_or('?');
            // Writing can't fail.
            let _ = self.write_char(digit);
        }
    }
}

impl Write for Tail<'_> {
    fn write_str(&mut self, added: &str) -> fmt::Result {
        self.add(added);
        Ok(())
    }
}

impl fmt::Debug for Tail<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tail").finish_non_exhaustive()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())?;
        if self.is_cut {
            formatter.write_str(ELLIPSIS)
        } else {
            Ok(())
        }
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, Hex, Name, Signed, Text};

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(std::format!("{}", Text::<4>::of("abcd")), "abcd");
        assert_eq!(std::format!("{}", Text::<4>::of("abcde")), "abcd…");
        assert_eq!(std::format!("{}", Text::<4>::of("abcé")), "abc…");
    }

    #[test]
    fn words_are_what_they_display_as() {
        for number in [0, 1, 9, 10, 15, 16, 255, 256, 1000, u64::MAX] {
            let words = Text::<64>::of((Decimal(number), " ", Hex(number)));
            assert_eq!(words, Text::display(format_args!("{number} {number:#x}")));
        }
        for number in [i64::MIN, -10, -1, 0, 1, i64::MAX] {
            let words = Text::<64>::of(Signed(number));
            assert_eq!(words, Text::display(number));
        }
        let name = Name::new(b"ma\xffin\n\x00\xc3");
        let words = Text::<64>::of(("`", name, "`", Text::<2>::of("abc"), "."));
        assert_eq!(words, Text::display(format_args!("`{name}`ab….")));
        assert_eq!(words.as_str(), "`ma\\xffin\\n\\u{0}\\xc3`ab….");
    }
}
