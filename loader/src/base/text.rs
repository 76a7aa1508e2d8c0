//! Text of bounded length held inline: what errors carry, so that reporting one never allocates.

use core::fmt::{self, Write};

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

    /// What `value` displays as.
    pub fn of(value: impl fmt::Display) -> Self {
        let mut text = Self::new();
        text.tail().add(&value);
        text
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

/// A text of any bound, to which more is written: one piece of code for all bounds.
struct Tail<'t> {
    bytes: &'t mut [u8],
    len: &'t mut usize,
    is_cut: &'t mut bool,
}

impl Tail<'_> {
    fn add(&mut self, value: &dyn fmt::Display) {
        // Writing can't fail; what is too long is cut.
        let _ = write!(self, "{value}");
    }
}

impl Write for Tail<'_> {
    fn write_str(&mut self, added: &str) -> fmt::Result {
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
        Ok(())
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())?;
        if self.is_cut {
            formatter.write_str("…")
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
    use super::Text;

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(std::format!("{}", Text::<4>::of("abcd")), "abcd");
        assert_eq!(std::format!("{}", Text::<4>::of("abcde")), "abcd…");
        assert_eq!(std::format!("{}", Text::<4>::of("abcé")), "abc…");
    }
}
