//! The words of a line, each with its column.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Problem;

/// A word of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// How many characters stand before it.
    pub(super) column: usize,
}

/// What a word is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum TokenKind {
    Number(i64),
    /// What stands between two `"`, without the zero that ends it in memory.
    Text(Vec<u8>),
    Name(String),
    /// A keyword or a sign.
    Fixed(&'static str),
    /// What follows the last word.
    End,
}

const KEYWORDS: &[&str] = &["fn", "let", "if", "then", "else", "while"];

/// Those that begin as others do come before them.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "<", ">", "=", "!", "(", ")", "{",
    "}", ",", ";",
];

/// How many words a line may have. What is made of them is as deep as they are many, at worst, and walked by recursion.
const MOST_TOKENS: usize = 1000;

/// Takes a line apart. The last token is [`TokenKind::End`], and no other is.
pub(super) fn tokens(line: &str) -> Result<Vec<Token>, Problem> {
    let mut lexer = Lexer {
        rest: line,
        column: 0,
    };
    let mut tokens = Vec::new();
    loop {
        lexer.take_while(char::is_whitespace);
        let column = lexer.column;
        let kind = lexer.next()?;
        let is_end = kind == TokenKind::End;
        if tokens.len() == MOST_TOKENS && !is_end {
            let message =
                format!("a line has up to {MOST_TOKENS} words; define functions for parts of it");
            return Err(Problem::new(column, message));
        }
        tokens.push(Token { kind, column });
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'l> {
    rest: &'l str,
    column: usize,
}

impl<'l> Lexer<'l> {
    fn next(&mut self) -> Result<TokenKind, Problem> {
        let column = self.column;
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)) {
            self.take(sign.len());
            return Ok(TokenKind::Fixed(sign));
        }
        match self.rest.chars().next() {
            None => Ok(TokenKind::End),
            Some('0'..='9') => number(self.take_while(is_of_word), column),
            Some('"') => Ok(TokenKind::Text(self.quoted('"')?)),
            Some('\'') => match self.quoted('\'')?.as_slice() {
                [byte] => Ok(TokenKind::Number(i64::from(*byte))),
                _ => Err(Problem::new(
                    column,
                    "one byte stands between two '; write texts in \"",
                )),
            },
            Some(first) if is_of_word(first) => {
                let word = self.take_while(is_of_word);
                let keyword = KEYWORDS.iter().find(|keyword| **keyword == word);
                Ok(keyword.map_or_else(|| TokenKind::Name(word.into()), |it| TokenKind::Fixed(it)))
            }
            Some(other) => {
                let message = format!(
                    "`{}` begins nothing that is known here",
                    other.escape_debug()
                );
                Err(Problem::new(column, message))
            }
        }
    }

    /// What stands up to the second `quote`, as bytes.
    fn quoted(&mut self, quote: char) -> Result<Vec<u8>, Problem> {
        let start = self.column;
        self.take(1);
        let mut bytes = Vec::new();
        loop {
            let column = self.column;
            let character = self.rest.chars().next();
            let character = character
                .ok_or_else(|| Problem::new(start, format!("this {quote} has no second one")))?;
            self.take(character.len_utf8());
            match character {
                '\\' => bytes.push(self.escaped(column)?),
                _ if character == quote => return Ok(bytes),
                _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    /// The byte that is written as what follows a backslash.
    fn escaped(&mut self, column: usize) -> Result<u8, Problem> {
        let letter = self.rest.chars().next();
        self.take(letter.map_or(0, char::len_utf8));
        let byte = match letter {
            Some('n') => Some(b'\n'),
            Some('t') => Some(b'\t'),
            Some('0') => Some(0),
            Some('x') => {
                let digits = self
                    .rest
                    .get(..2)
                    .filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()));
                self.take(digits.map_or(0, str::len));
                digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            Some(mark @ ('\\' | '"' | '\'')) => u8::try_from(mark).ok(),
            _ => None,
        };
        byte.ok_or_else(|| {
            Problem::new(
                column,
                r#"after \ stands one of n t 0 \ " ', or x and two digits"#,
            )
        })
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'l str {
        let end = self.rest.find(|character| !is_wanted(character));
        self.take(end.unwrap_or(self.rest.len()))
    }

    /// Takes so many bytes, which end where a character does.
    fn take(&mut self, bytes: usize) -> &'l str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.column += taken.chars().count();
        taken
    }
}

fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// A number in decimal, or, after `0x`, all 64 bits in hexadecimal digits.
fn number(word: &str, column: usize) -> Result<TokenKind, Problem> {
    let digits = word.replace('_', "");
    let (digits, radix) = match digits.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (digits.as_str(), 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        let message = format!("`{word}` is no number; write 12, 0xc, or 1_000_000");
        return Err(Problem::new(column, message));
    }
    let value = match radix {
        16 => u64::from_str_radix(digits, radix)
            .ok()
            .map(u64::cast_signed),
        _ => digits.parse().ok(),
    };
    let too_large = || {
        format!(
            "`{word}` is too large: numbers have 64 bits, and {} is the last",
            i64::MAX
        )
    };
    value
        .map(TokenKind::Number)
        .ok_or_else(|| Problem::new(column, too_large()))
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::{MOST_TOKENS, TokenKind, tokens};

    fn kinds(line: &str) -> Vec<TokenKind> {
        tokens(line)
            .unwrap()
            .into_iter()
            .map(|token| token.kind)
            .collect()
    }

    /// The column and the message of what is wrong with a line.
    fn problem(line: &str) -> (usize, String) {
        let problem = tokens(line).unwrap_err();
        (problem.column, problem.message)
    }

    #[test]
    fn a_line_is_words_and_an_end() {
        use TokenKind::{End, Fixed, Name, Number, Text};
        assert_eq!(
            kinds("let x1=f(-2, \"a\\n\") <= 0x_1f"),
            [
                Fixed("let"),
                Name("x1".into()),
                Fixed("="),
                Name("f".into()),
                Fixed("("),
                Fixed("-"),
                Number(2),
                Fixed(","),
                Text(b"a\n".to_vec()),
                Fixed(")"),
                Fixed("<="),
                Number(31),
                End
            ]
        );
        assert_eq!(kinds(""), [End]);
        assert_eq!(kinds("iffy"), [Name("iffy".into()), End]);
    }

    #[test]
    fn columns_count_characters() {
        let columns: Vec<usize> = tokens("  \"äö\" + x")
            .unwrap()
            .iter()
            .map(|it| it.column)
            .collect();
        assert_eq!(columns, [2, 7, 9, 10]);
    }

    #[test]
    fn numbers_have_64_bits() {
        for (text, value) in [
            ("0", 0),
            ("1_000", 1000),
            ("9223372036854775807", i64::MAX),
            ("0xffff_ffff_ffff_ffff", -1),
            ("'A'", 65),
            (r"'\''", 39),
            (r"'\x7f'", 127),
        ] {
            assert_eq!(
                kinds(text),
                [TokenKind::Number(value), TokenKind::End],
                "{text}"
            );
        }
        assert_eq!(problem("1 + 9223372036854775808").0, 4);
        for text in ["99999999999999999999999", "0x1_0000_0000_0000_0000"] {
            assert!(problem(text).1.contains("too large"), "{text}");
        }
        for text in ["12a", "0x", "0xg", "1__x"] {
            assert!(problem(text).1.contains("is no number"), "{text}");
        }
    }

    #[test]
    fn what_begins_nothing_is_told_with_its_column() {
        assert_eq!(
            problem("1 + $"),
            (4, "`$` begins nothing that is known here".into())
        );
        assert_eq!(problem("ä").0, 0);
        assert_eq!(problem("f(\"abc"), (2, "this \" has no second one".into()));
        assert_eq!(problem("\"ab\\").0, 3);
        assert_eq!(problem(r#""ab\q""#).0, 3);
        assert_eq!(problem(r#""\x4ö""#).0, 1);
        assert_eq!(problem("''").0, 0);
        assert_eq!(problem("'ab'").0, 0);
    }

    #[test]
    fn a_line_has_an_end() {
        let line = "+ ".repeat(MOST_TOKENS);
        assert_eq!(tokens(&line).unwrap().len(), MOST_TOKENS + 1);
        assert_eq!(problem(&std::format!("{line}+")).0, MOST_TOKENS * 2);
    }
}
