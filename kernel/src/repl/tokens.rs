//! The tokens of a line: numbers, texts, names, keywords and signs. Each is the part of the line that it is.

const KEYWORDS: [&str; 5] = ["else", "fn", "if", "let", "while"];

/// The signs that are more than one character.
const LONG_SIGNS: [&str; 4] = ["==", "!=", "<=", ">="];

/// The token that `rest` begins with; empty if there is none.
pub(super) fn first(rest: &str) -> &str {
    let end = match rest.chars().next() {
        Some('"') => rest[1..].find('"').map(|inner| inner + 2),
        Some(first) if !is_of_name(first) => {
            let sign = LONG_SIGNS.iter().find(|sign| rest.starts_with(**sign));
            Some(sign.map_or(first.len_utf8(), |sign| sign.len()))
        }
        _ => rest.find(|it| !is_of_name(it)),
    };
    &rest[..end.unwrap_or(rest.len())]
}

pub(super) fn is_number(token: &str) -> bool {
    token.starts_with(|first: char| first.is_ascii_digit())
}

pub(super) fn is_name(token: &str) -> bool {
    token.starts_with(is_of_name) && !is_number(token) && !KEYWORDS.contains(&token)
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::{first, is_name, is_number};

    #[test]
    fn a_line_is_tokens() {
        let mut rest = "let x1=f(\"a b\")<=9ä";
        let tokens = [
            "let", " ", "x1", "=", "f", "(", "\"a b\"", ")", "<=", "9", "ä", "",
        ];
        for token in tokens {
            assert_eq!(first(rest), token);
            rest = &rest[token.len()..];
        }
        assert_eq!(first("\"unended"), "\"unended");
        assert!(is_name("iffy") && !is_name("if") && !is_name("1f") && is_number("1f"));
    }
}
