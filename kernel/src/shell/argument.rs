//! What a call is given: a number as such, text as a pointer to it.

use alloc::string::String;
use core::fmt;

use super::words::Word;

/// An argument of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Argument {
    /// A number, as a register holds it; a negative one as its two's complement.
    Number(u64),
    /// Text, of which the address is given.
    Text(String),
}

/// A word is neither a number nor quoted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAnArgument {
    word: String,
}

impl Argument {
    /// Reads a word: a decimal number, a hexadecimal one after `0x`, either after a minus sign, or text in quotes.
    ///
    /// # Errors
    /// It is none of these, or doesn't fit into 64 bits.
    pub fn parse(word: &Word) -> Result<Self, NotAnArgument> {
        if word.is_quoted {
            return Ok(Self::Text(word.text.clone()));
        }
        number(&word.text)
            .map(Self::Number)
            .ok_or_else(|| NotAnArgument {
                word: word.text.clone(),
            })
    }
}

fn number(text: &str) -> Option<u64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (radix, digits) = match digits.strip_prefix("0x") {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    // Rust's own parser would take a second sign.
    if !digits.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if !is_negative {
        return Some(magnitude);
    }
    let lowest = 1_u64 << 63;
    (magnitude <= lowest).then(|| magnitude.wrapping_neg())
}

impl fmt::Display for NotAnArgument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{0}` is no number of 64 bits; write 12, -12 or 0xc, or text in quotes: \"{0}\"",
            self.word
        )
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use super::Argument;
    use crate::shell::words::split;

    fn parse(word: &str) -> Option<Argument> {
        Argument::parse(&split(word).unwrap()[0]).ok()
    }

    #[test]
    fn numbers_are_read_to_their_ends() {
        for (word, number) in [
            ("0", 0),
            ("42", 42),
            ("0x2a", 42),
            ("-1", u64::MAX),
            ("-0x10", 0xffff_ffff_ffff_fff0),
            ("18446744073709551615", u64::MAX),
            ("-9223372036854775808", 1 << 63),
        ] {
            assert_eq!(parse(word), Some(Argument::Number(number)), "{word}");
        }
        for word in [
            "18446744073709551616",
            "-9223372036854775809",
            "",
            "x",
            "0x",
            "--1",
            "-+1",
            "+1",
            "1a",
            "-",
        ] {
            let word = crate::shell::words::Word {
                text: word.to_string(),
                is_quoted: false,
            };
            assert!(Argument::parse(&word).is_err(), "{word:?}");
        }
    }

    #[test]
    fn what_is_quoted_is_text_even_if_it_looks_like_a_number() {
        assert_eq!(parse("\"7\""), Some(Argument::Text(String::from("7"))));
    }
}
