//! The values that options have, read from their words.

use std::path::PathBuf;
use std::string::{String, ToString};
use std::vec::Vec;

use regex_lite::Regex;

/// A name and its address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Absolute {
    pub(super) name: String,
    pub(super) address: u64,
}

/// A name and the one that it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) stands_for: String,
}

/// A section that holds a file, and symbols in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SectionFile {
    pub(super) section: String,
    pub(super) path: PathBuf,
    pub(super) symbols: Vec<(String, u64)>,
}

pub(super) fn absolute(text: &str) -> Result<Absolute, String> {
    let (name, address) = pair(text).ok_or("it must be NAME=ADDRESS")?;
    Ok(Absolute {
        name: name.to_string(),
        address: number(address)?,
    })
}

pub(super) fn alias(text: &str) -> Result<Alias, String> {
    let (name, stands_for) = pair(text).ok_or("it must be ALIAS=NAME")?;
    Ok(Alias {
        name: name.to_string(),
        stands_for: stands_for.to_string(),
    })
}

/// Two words with an equals sign between them.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (left, right) = text.split_once('=')?;
    (!left.is_empty() && !right.is_empty()).then_some((left, right))
}

pub(super) fn section_file(text: &str) -> Result<SectionFile, String> {
    let shape = "it must be SECTION,FILE or SECTION,FILE@SYMBOL=OFFSET,...";
    let (section, rest) = text.split_once(',').ok_or(shape)?;
    // A path may have the sign, too; symbols follow the last one, if what follows looks like symbols.
    let (path, symbols) = match rest.rsplit_once('@') {
        Some((path, symbols)) if symbols.contains('=') => (path, Some(symbols)),
        _ => (rest, None),
    };
    if section.is_empty() || path.is_empty() {
        return Err(shape.to_string());
    }
    let symbols = symbols
        .map(|symbols| symbols.split(','))
        .into_iter()
        .flatten();
    let symbols = symbols.map(|symbol| {
        let (name, offset) = pair(symbol).ok_or(shape)?;
        Ok::<_, String>((name.to_string(), number(offset)?))
    });
    Ok(SectionFile {
        section: section.to_string(),
        path: PathBuf::from(path),
        symbols: symbols.collect::<Result<_, _>>()?,
    })
}

/// A number of 64 bits, decimal or after 0x.
pub(super) fn number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let number = match digits {
        // A sign isn't a digit, though the standard library takes one.
        _ if text.contains('+') => return Err(not_a_number()),
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| not_a_number())
}

fn not_a_number() -> String {
    "it must be a number of at most 64 bits, decimal or after 0x".to_string()
}

/// A size with its unit; without one it counts Kb.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let units = [("Kb", 1 << 10), ("Mb", 1 << 20), ("Gb", 1 << 30)];
    let with_unit = units.into_iter().find_map(|(name, bytes)| {
        let (count, unit) = text.split_at_checked(text.len().checked_sub(name.len())?)?;
        unit.eq_ignore_ascii_case(name)
            .then(|| (count.trim_end(), bytes))
    });
    let (count, unit) = with_unit.unwrap_or((text, 1 << 10));
    let size = number(count).ok().and_then(|count| count.checked_mul(unit));
    size.ok_or_else(|| "it must be a number with Kb, Mb or Gb, as 100Kb".to_string())
}

pub(super) fn page_size(text: &str) -> Result<u64, String> {
    match number(text)? {
        size if size.is_power_of_two() => Ok(size),
        _ => Err("a page has a power of two of bytes".to_string()),
    }
}

pub(super) fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{absolute, alias, page_size, section_file, size};
    use std::path::PathBuf;
    use std::string::ToString;
    use std::vec;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("100Kb"), Ok(100 << 10));
        assert_eq!(size("3 mb"), Ok(3 << 20));
        assert_eq!(size("7"), Ok(7 << 10));
        for wrong in ["Kb", "99999999999999999Gb", "é", "", "-1Kb"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_decimal_or_hexadecimal() {
        assert_eq!(absolute("a=0x10").unwrap().address, 16);
        assert_eq!(absolute("a=10").unwrap().address, 10);
        for wrong in ["=10", "a", "a=", "a=0x10000000000000000", "a=0x+1"] {
            assert!(absolute(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_alias_needs_both_names() {
        assert_eq!(alias("a=b").unwrap().stands_for, "b");
        assert!(alias("a=").is_err());
    }

    #[test]
    fn pages_have_a_power_of_two_of_bytes() {
        assert_eq!(page_size("4096"), Ok(4096));
        assert!(page_size("0").is_err());
        assert!(page_size("4095").is_err());
    }

    #[test]
    fn symbols_of_a_file_follow_the_last_sign() {
        let section = section_file("data,dir@x/file@a=0,b=0x8").unwrap();
        assert_eq!(section.path, PathBuf::from("dir@x/file"));
        let symbols = vec![("a".to_string(), 0), ("b".to_string(), 8)];
        assert_eq!(section.symbols, symbols);
        assert_eq!(section_file("data,a@b").unwrap().path, PathBuf::from("a@b"));
        assert!(section_file("data").is_err());
        assert!(section_file("data,f@a=").is_err());
    }
}
