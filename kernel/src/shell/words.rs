//! Splits a line into words. In quotes a word may have blanks; in double ones a backslash stands before what can't be
//! written as it is.
//!
//! `shlex` does nearly the same, but doesn't tell whether a word was quoted: a call takes `7` as a number and `"7"` as text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::Chars;

/// A word of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// The word, without quotes.
    pub text: String,
    /// Whether a part of it was in quotes: it is text, whatever it looks like.
    pub is_quoted: bool,
}

/// Why a line can't be split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadLine {
    /// A quote has no second one.
    OpenQuote(char),
    /// What follows a backslash has no meaning.
    UnknownEscape(char),
    /// The two digits after `\x` are none, or are those of no character that can be sent.
    BadNumber,
}

impl fmt::Display for BadLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenQuote(quote) => write!(formatter, "a {quote} has no second one"),
            Self::UnknownEscape(character) => write!(
                formatter,
                "\\{character} has no meaning; there are \\\" \\\\ \\n \\r \\t and \\x41"
            ),
            Self::BadNumber => formatter.write_str(
                "\\x wants two hexadecimal digits, from \\x01 to \\x7f: text ends at a zero",
            ),
        }
    }
}

/// The words of a line.
///
/// # Errors
/// A quote has no second one, or a backslash in quotes stands before something else than it may.
pub fn split(line: &str) -> Result<Vec<Word>, BadLine> {
    let mut words = Vec::new();
    let mut characters = line.chars();
    let mut current: Option<Word> = None;
    while let Some(character) = characters.next() {
        if character.is_whitespace() {
            words.extend(current.take());
            continue;
        }
        let word = current.get_or_insert_with(|| Word {
            text: String::new(),
            is_quoted: false,
        });
        match character {
            '"' | '\'' => {
                word.is_quoted = true;
                take_quoted(&mut characters, character, &mut word.text)?;
            }
            _ => word.text.push(character),
        }
    }
    words.extend(current);
    Ok(words)
}

/// Takes what is in quotes, and the quote at its end.
fn take_quoted(characters: &mut Chars<'_>, quote: char, text: &mut String) -> Result<(), BadLine> {
    while let Some(character) = characters.next() {
        match character {
            _ if character == quote => return Ok(()),
            '\\' if quote == '"' => text.push(escaped(characters)?),
            _ => text.push(character),
        }
    }
    Err(BadLine::OpenQuote(quote))
}

/// The character that is written by what follows a backslash.
fn escaped(characters: &mut Chars<'_>) -> Result<char, BadLine> {
    match characters.next() {
        Some(character @ ('"' | '\\')) => Ok(character),
        Some('n') => Ok('\n'),
        Some('r') => Ok('\r'),
        Some('t') => Ok('\t'),
        Some('x') => {
            let mut digit = || characters.next()?.to_digit(16);
            let number = digit().zip(digit()).map(|(high, low)| high << 4 | low);
            number
                .filter(|number| (1..0x80).contains(number))
                .and_then(char::from_u32)
                .ok_or(BadLine::BadNumber)
        }
        Some(other) => Err(BadLine::UnknownEscape(other)),
        None => Err(BadLine::OpenQuote('"')),
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::{BadLine, split};

    fn words(line: &str) -> Vec<(String, bool)> {
        let words = split(line).unwrap().into_iter();
        words.map(|word| (word.text, word.is_quoted)).collect()
    }

    #[test]
    fn blanks_are_between_words() {
        assert_eq!(words("  \t "), []);
        assert_eq!(
            words(" load a.o\tb.o "),
            [("load", false), ("a.o", false), ("b.o", false)]
                .map(|(word, is_quoted)| (String::from(word), is_quoted))
        );
    }

    #[test]
    fn what_is_quoted_is_one_word_and_told() {
        for (line, word) in [
            (r#""a b""#, "a b"),
            ("'a \"b\\'", "a \"b\\"),
            (r#"a" "b' 'c"#, "a b c"),
            (r#""""#, ""),
            (r#""\"\\\n\t\x41""#, "\"\\\n\tA"),
        ] {
            assert_eq!(words(line), [(String::from(word), true)], "{line}");
        }
    }

    #[test]
    fn what_has_no_end_or_no_meaning_is_refused() {
        for (line, error) in [
            ("\"abc", BadLine::OpenQuote('"')),
            ("a 'b", BadLine::OpenQuote('\'')),
            ("\"a\\", BadLine::OpenQuote('"')),
            (r#""\q""#, BadLine::UnknownEscape('q')),
            (r#""\x4""#, BadLine::BadNumber),
            (r#""\x00""#, BadLine::BadNumber),
            (r#""\xff""#, BadLine::BadNumber),
        ] {
            assert_eq!(split(line), Err(error), "{line}");
        }
    }
}
