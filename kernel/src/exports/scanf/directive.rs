//! One conversion specification of a scan: `%`, `*`, width, length, conversion (C17 7.21.6.2, paragraph 3).

use crate::exports::number;

/// One conversion of a template.
pub(super) struct Directive<'a> {
    /// `*`: read and not stored.
    pub(super) is_suppressed: bool,
    /// The most bytes that it takes.
    pub(super) width: Option<usize>,
    /// The size of the number that is stored.
    pub(super) size_bytes: usize,
    /// The conversion's letter.
    pub(super) conversion: u8,
    /// The characters between the brackets of `%[…]`.
    set: &'a [u8],
}

impl<'a> Directive<'a> {
    /// Reads what follows a `%`, and returns what follows that.
    pub(super) fn parse(template: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (is_suppressed, rest) = match template {
            [b'*', rest @ ..] => (true, rest),
            _ => (false, template),
        };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (width, rest) = rest.split_at(digits);
        let width = number::parse_integer(width, 10, false)
            .and_then(|parsed| usize::try_from(parsed.unsigned().unwrap_or(u64::MAX)).ok())
            .filter(|width| *width > 0);
        let (size_bytes, rest) = match rest {
            [b'h', b'h', rest @ ..] => (1, rest),
            [b'h', rest @ ..] => (2, rest),
            [b'l', b'l', rest @ ..] | [b'l' | b'q' | b'j' | b'z' | b't', rest @ ..] => (8, rest),
            [b'L', rest @ ..] => (16, rest),
            _ => (4, rest),
        };
        let (conversion, rest) = rest.split_first()?;
        let (set, rest) = match conversion {
            b'[' => split_set(rest)?,
            _ => (&rest[..0], rest),
        };
        let directive = Self {
            is_suppressed,
            width,
            size_bytes,
            conversion: *conversion,
            set,
        };
        Some((directive, rest))
    }

    /// Whether a byte belongs to a `%[…]`: a `-` between two others means all from one to the other.
    pub(super) fn is_in_set(&self, byte: u8) -> bool {
        let (is_negated, mut set) = match self.set {
            [b'^', set @ ..] => (true, set),
            set => (false, set),
        };
        let mut is_listed = false;
        while let [first, rest @ ..] = set {
            (is_listed, set) = match rest {
                [b'-', last, rest @ ..] => (is_listed || (*first..=*last).contains(&byte), rest),
                _ => (is_listed || *first == byte, rest),
            };
        }
        is_listed != is_negated
    }
}

/// A bracket that comes first, behind a `^` or not, is a member of the set.
fn split_set(template: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = usize::from(template.first() == Some(&b'^'));
    let members = first + usize::from(template.get(first) == Some(&b']'));
    let end = members
        + template
            .get(members..)?
            .iter()
            .position(|byte| *byte == b']')?;
    Some((&template[..end], &template[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::Directive;

    #[test]
    fn every_part_is_read() {
        let (directive, rest) = Directive::parse(b"*12hd rest").unwrap();
        assert!(directive.is_suppressed);
        assert_eq!(
            (directive.width, directive.size_bytes, directive.conversion),
            (Some(12), 2, b'd')
        );
        assert_eq!(rest, b" rest");
        assert!(Directive::parse(b"12l").is_none());
    }

    #[test]
    fn a_set_has_ranges_and_may_begin_with_its_own_end() {
        let in_set = |set: &[u8]| {
            let (directive, rest) = Directive::parse(set).unwrap();
            assert_eq!(rest, b"!");
            let members: Vec<u8> = (b'!'..=b'~')
                .filter(|byte| directive.is_in_set(*byte))
                .collect();
            members
        };
        assert_eq!(in_set(b"[a-cx]!"), b"abcx");
        assert_eq!(in_set(b"[]a]!"), b"]a");
        assert_eq!(in_set(b"[a-]!"), b"-a");
        assert!(!in_set(b"[^]0-9]!").contains(&b'5') && in_set(b"[^]0-9]!").contains(&b'a'));
    }
}
