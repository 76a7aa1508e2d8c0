//! Which names an archive's index would say that an object defines.

use std::string::{String, ToString};
use std::vec::Vec;

use object::elf;

use super::file::{ABSOLUTE, COMMON, FIRST, Symbol, global, loaded, local, object, weak};
use super::hostile::replace_strings;
use crate::format::FormatFault;
use crate::format::elf::defined_names;

fn names_of(bytes: &[u8]) -> Result<Vec<String>, FormatFault> {
    defined_names(bytes)?
        .map(|name| Ok(name?.to_string()))
        .collect()
}

#[test]
fn what_is_defined_for_others_is_told_and_nothing_else() {
    let hidden = Symbol {
        visibility: elf::STV_HIDDEN.0,
        ..global("hidden", FIRST)
    };
    let unique = Symbol {
        binding: elf::STB_GNU_UNIQUE.0,
        ..global("unique", FIRST)
    };
    let symbols = [
        local("label", FIRST),
        global("function", FIRST),
        global("wanted", 0),
        weak("weak", FIRST),
        weak("weakly_wanted", 0),
        global("common", COMMON),
        global("absolute", ABSOLUTE),
        hidden,
        unique,
    ];
    let bytes = object(&symbols, std::vec![loaded(".text")]);
    assert_eq!(
        names_of(&bytes).unwrap(),
        ["function", "weak", "common", "absolute", "hidden", "unique"]
    );
}

#[test]
fn files_that_can_not_be_linked_define_nothing() {
    let mut big_endian = object(&[global("a", FIRST)], std::vec![loaded(".text")]);
    big_endian[5] = 2;
    for bytes in [&b""[..], b"text", b"\x7fELF", &big_endian] {
        assert_eq!(names_of(bytes).unwrap(), [""; 0]);
    }
}

#[test]
fn names_that_lie_over_each_other_are_damage() {
    let mut long = std::vec![b'a'; 1000];
    long.push(0);
    let symbols: Vec<_> = (0..1000)
        .map(|start| Symbol {
            name_offset: Some(start),
            ..global("", FIRST)
        })
        .collect();
    let mut bytes = object(&symbols, std::vec![loaded("")]);
    replace_strings(&mut bytes, &long);
    let fault = names_of(&bytes).unwrap_err();
    assert!(fault.to_string().contains("names overlap"), "{fault}");
}

#[test]
fn a_table_past_the_end_is_damage() {
    let bytes = object(&[global("a", FIRST)], std::vec![loaded(".text")]);
    // The last section headers are cut off.
    assert!(names_of(&bytes[..bytes.len() - 1]).is_err());
}
