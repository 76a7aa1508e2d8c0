//! Names as object files hold them: bytes that are mostly text.

use core::cmp::Ordering;
use core::fmt::{self, Write};
use core::hash::{Hash, Hasher};

use super::{ShortBytes, int};

/// The name of a symbol, section or object, borrowed from where it stands. Not every name is UTF-8; what isn't, is shown
/// as `\xNN`. It takes twelve bytes.
#[derive(Clone, Copy)]
pub struct Name<'a>(ShortBytes<'a>);

impl<'a> Name<'a> {
    /// The name without bytes.
    const EMPTY: Self = Self::new(&[]);

    /// The name with these bytes; with the first of them, if there are 2^32 or more, which no format has room for.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(ShortBytes::first_of(bytes))
    }

    /// The bytes of the name.
    #[inline]
    pub const fn bytes(self) -> &'a [u8] {
        self.0.get()
    }

    /// Whether the name has no bytes: an anonymous symbol's.
    pub const fn is_empty(self) -> bool {
        self.0.len() == 0
    }
}

impl Default for Name<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for Name<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Name<'_> {}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

/// The bytes before the first that is zero; `None` if none is.
#[inline]
pub(crate) fn until_zero(bytes: &[u8]) -> Option<&[u8]> {
    // Most names are short: they end within a few words, in less than it takes to call what searches long texts.
    let (words, rest) = bytes.as_chunks();
    let mut passed = 0_usize;
    for word in words {
        if let Some(len) = first_zero(u64::from_le_bytes(*word)) {
            // Both count bytes of one slice.
            return bytes.get(..passed.wrapping_add(len));
        }
        passed = passed.wrapping_add(word.len());
    }
    let len = rest.iter().position(|&byte| byte == 0)?;
    bytes.get(..passed.wrapping_add(len))
}

/// How many bytes of a word stand before the first that is zero, the lowest coming first; `None` if none is.
#[inline]
const fn first_zero(word: u64) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);
    // A byte's highest bit becomes 1 by the subtraction, and wasn't, if the byte is zero; or above one that is.
    let zeros = word.wrapping_sub(ONES) & !word & HIGHEST;
    match zeros {
        0 => None,
        _ => Some(int::usize_from_u32(zeros.trailing_zeros() / u8::BITS)),
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text.as_bytes())
    }
}

/// Bytes as text, if all of them are: by the decoder that shows names, so that programs have one alone.
pub(crate) fn utf8(bytes: &[u8]) -> Option<&str> {
    match bytes.utf8_chunks().next() {
        Some(chunk) if chunk.invalid().is_empty() => Some(chunk.valid()),
        Some(_) => None,
        None => Some(""),
    }
}

impl Name<'_> {
    /// The name as text, character by character, until one isn't taken.
    pub(crate) fn show(self, mut take: impl FnMut(char) -> fmt::Result) -> fmt::Result {
        for chunk in self.bytes().utf8_chunks() {
            for character in chunk.valid().chars() {
                match character.is_control() {
                    true => character.escape_default().try_for_each(&mut take)?,
                    false => take(character)?,
                }
            }
            for byte in chunk.invalid() {
                let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('?');
                let (high, low) = (byte.wrapping_shr(4), byte & 0xf);
                ['\\', 'x', digit(high), digit(low)]
                    .into_iter()
                    .try_for_each(&mut take)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(|character| formatter.write_char(character))
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, until_zero, utf8};

    #[test]
    fn all_bytes_are_text_or_none() {
        for bytes in [
            &b""[..],
            b"10",
            "n\u{e9}e".as_bytes(),
            b"1\xff",
            b"\xff1",
            b"\xc3",
        ] {
            assert_eq!(utf8(bytes), core::str::from_utf8(bytes).ok());
        }
    }

    #[test]
    fn a_name_ends_before_the_first_zero_wherever_that_stands() {
        for len in 0..40 {
            for byte in [1, b'a', 0x7f, 0x80, 0xff] {
                let name = std::vec![byte; len];
                for behind in [&[0][..], &[0, 0, 0, 0, 0, 0, 0, 0], &[0, 1, 0x80], &[0; 17]] {
                    let bytes = [&name[..], behind].concat();
                    assert_eq!(until_zero(&bytes), Some(&name[..]));
                }
                assert_eq!(until_zero(&name), None);
            }
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_shown_escaped() {
        assert_eq!(std::format!("{}", Name::new(b"ma\xffin\n")), "ma\\xffin\\n");
    }
}
