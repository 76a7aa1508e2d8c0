//! The words of a line, each with its column, and what numbers and texts among them say.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::iter;
use core::num::IntErrorKind;

use super::Problem;

/// A word of a line, as it is spelt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Word<'l> {
    pub(super) text: &'l str,
    /// How many characters stand before it.
    pub(super) column: usize,
}

pub(super) const KEYWORDS: [&str; 7] = ["else", "fn", "if", "int", "let", "then", "while"];

/// The signs that are more than one character.
const LONG_SIGNS: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];

/// Takes a line apart. The last word is empty, and no other is.
pub(super) fn words(line: &str) -> Result<Vec<Word<'_>>, Problem> {
    let mut words = Vec::new();
    let (mut rest, mut column) = (line, 0);
    loop {
        let (blank, text) = rest.split_at(rest.len() - rest.trim_start().len());
        column += blank.chars().count();
        let (text, after) = text.split_at(length(text, column)?);
        words.push(Word { text, column });
        if text.is_empty() {
            return Ok(words);
        }
        column += text.chars().count();
        rest = after;
    }
}

/// The size in bytes of the word that begins here.
fn length(rest: &str, column: usize) -> Result<usize, Problem> {
    let Some(first) = rest.chars().next() else {
        return Ok(0);
    };
    Ok(match first {
        '"' | '\'' => {
            let unended = || Problem::new(format!("this {first} has no second one")).at(column);
            quoted_length(rest, first).ok_or_else(unended)?
        }
        _ if is_of_name(first) => rest.find(|it| !is_of_name(it)).unwrap_or(rest.len()),
        _ => {
            let sign = LONG_SIGNS.iter().find(|sign| rest.starts_with(**sign));
            sign.map_or(first.len_utf8(), |sign| sign.len())
        }
    })
}

/// How long it is up to the second quote. What follows a backslash is none.
fn quoted_length(rest: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    let mut characters = rest.char_indices().skip(1);
    let end = characters.find(|(_, character)| {
        let is_end = *character == quote && !is_escaped;
        is_escaped = *character == '\\' && !is_escaped;
        is_end
    });
    end.map(|(at, _)| at + 1)
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

impl Word<'_> {
    /// What is wrong with it.
    pub(super) fn problem(&self, message: impl ToString) -> Problem {
        Problem::new(message).at(self.column)
    }

    /// Whether it is a name.
    pub(super) fn is_name(&self) -> bool {
        self.text.starts_with(is_of_name) && !self.is_number() && !KEYWORDS.contains(&self.text)
    }

    /// Whether it is written as a number.
    pub(super) fn is_number(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_digit())
    }

    /// The number that it is, in decimal, or after `0x` all 64 bits in hexadecimal; or the one below zero.
    pub(super) fn number(&self, is_negative: bool) -> Result<i64, Problem> {
        let digits = self.text.replace('_', "");
        let (digits, radix, most) = match digits.strip_prefix("0x") {
            Some(digits) => (digits, 16, u64::MAX),
            None => (
                digits.as_str(),
                10,
                i64::MAX.unsigned_abs() + u64::from(is_negative),
            ),
        };
        let problem = match u64::from_str_radix(digits, radix) {
            Ok(number) if number <= most => {
                let number = number.cast_signed();
                return Ok(if is_negative {
                    number.wrapping_neg()
                } else {
                    number
                });
            }
            Err(error) if *error.kind() != IntErrorKind::PosOverflow => {
                "is no number; write 12, 0xc, or 1_000_000"
            }
            _ => "is too large: numbers go from -9223372036854775808 to 9223372036854775807",
        };
        Err(self.problem(format!("`{}` {problem}", self.text)))
    }

    /// The bytes that stand between its quotes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Problem> {
        let inner = self.text.get(1..self.text.len() - 1).unwrap_or("");
        let mut characters = inner.chars();
        let mut bytes = Vec::new();
        while let Some(character) = characters.next() {
            if character != '\\' {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            let column = self.column + inner.chars().count() - characters.as_str().chars().count();
            let byte = escaped(&mut characters).ok_or_else(|| {
                Problem::new(r#"after \ stands one of n t 0 \ " ', or x and two digits"#).at(column)
            })?;
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

/// The byte that is written as what follows a backslash.
fn escaped(characters: &mut impl Iterator<Item = char>) -> Option<u8> {
    match characters.next()? {
        'n' => Some(b'\n'),
        't' => Some(b'\t'),
        '0' => Some(0),
        'x' => {
            let mut digits = iter::repeat_with(|| characters.next()?.to_digit(16));
            u8::try_from(digits.next()?? * 16 + digits.next()??).ok()
        }
        mark @ ('\\' | '"' | '\'') => u8::try_from(mark).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::Problem;
    use super::{Word, words};

    fn texts(line: &str) -> Vec<&str> {
        words(line).unwrap().iter().map(|word| word.text).collect()
    }

    fn first(line: &str) -> Word<'_> {
        words(line).unwrap()[0]
    }

    #[test]
    fn a_line_is_words_and_an_end() {
        assert_eq!(
            texts(r#"let x1=f(-2, "a\"\n") <= 0x_1f"#),
            [
                "let",
                "x1",
                "=",
                "f",
                "(",
                "-",
                "2",
                ",",
                r#""a\"\n""#,
                ")",
                "<=",
                "0x_1f",
                ""
            ]
        );
        assert_eq!(texts(""), [""]);
        assert!(first("iffy").is_name() && !first("if").is_name() && !first("1f").is_name());
    }

    #[test]
    fn columns_count_characters() {
        let columns = words("  \"äö\" + x ").unwrap();
        let columns: Vec<usize> = columns.iter().map(|word| word.column).collect();
        assert_eq!(columns, [2, 7, 9, 11]);
    }

    #[test]
    fn numbers_have_64_bits() {
        for (text, value) in [
            ("0", 0),
            ("1_000", 1000),
            ("9223372036854775807", i64::MAX),
            ("0xffff_ffff_ffff_ffff", -1),
        ] {
            assert_eq!(first(text).number(false), Ok(value), "{text}");
        }
        assert_eq!(first("9223372036854775808").number(true), Ok(i64::MIN));
        assert_eq!(first("0x8000000000000000").number(true), Ok(i64::MIN));
        let problem = |text: &str, is_negative| first(text).number(is_negative).unwrap_err();
        for (text, is_negative) in [
            ("9223372036854775808", false),
            ("9223372036854775809", true),
            ("99999999999999999999999", false),
            ("0x1_0000_0000_0000_0000", false),
        ] {
            let problem = problem(text, is_negative);
            assert!(problem.message.contains("too large"), "{text}");
        }
        for text in ["12a", "0x", "0xg", "1__x"] {
            assert!(
                problem(text, false).message.contains("is no number"),
                "{text}"
            );
        }
    }

    #[test]
    fn texts_are_bytes() {
        for (text, bytes) in [
            (r#""a\n\t\0""#, &b"a\n\t\0"[..]),
            (r#""\"\\\'""#, b"\"\\'"),
            (r"'\''", b"'"),
            (r"'\x7f'", b"\x7f"),
            ("\"ä\"", "ä".as_bytes()),
            (r#""""#, b""),
        ] {
            assert_eq!(first(text).bytes().unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_in_a_text_is_told_with_its_column() {
        let column = |problem: Problem| problem.column;
        assert_eq!(words("f(\"abc").map_err(column), Err(Some(2)));
        assert_eq!(words("\"ab\\\"").map_err(column), Err(Some(0)));
        assert_eq!(first(r#""ab\q""#).bytes().map_err(column), Err(Some(3)));
        assert_eq!(first(r#""\x4ö""#).bytes().map_err(column), Err(Some(1)));
        assert_eq!(first(r#"  "\x+f""#).bytes().map_err(column), Err(Some(3)));
    }
}
