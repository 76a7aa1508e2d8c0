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
        // Writing into `Text` can't fail; what is too long is cut.
        let _ = write!(text, "{value}");
        text
    }

    /// The text, without the ellipsis.
    pub fn as_str(&self) -> &str {
        self.bytes
            .get(..self.len)
            .and_then(|bytes| core::str::from_utf8(bytes).ok())
            .unwrap_or("")
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
        for character in added.chars() {
            let end = self.len.saturating_add(character.len_utf8());
            let Some(room) = self.bytes.get_mut(self.len..end).filter(|_| !self.is_cut) else {
                self.is_cut = true;
                return Ok(());
            };
            character.encode_utf8(room);
            self.len = end;
        }
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
