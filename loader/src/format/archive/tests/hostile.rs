//! Archives that no program writes: damaged, or such as would cost far more than they are long.

use std::format;
use std::vec::Vec;

use super::build::{FORMS, Form, archive, header, member, thin};
use super::{defining, error, error_of, names_of, parse};
use crate::base::Name;
use crate::format::{Archive, Members, Taken};

const NAME: &str = "a name that is longer than sixteen.o";

#[test]
fn an_archive_cut_anywhere_or_with_any_byte_changed_is_read_or_refused() {
    let object = defining("f");
    for form in FORMS {
        for index in [None, Some(&[("f", 1)][..])] {
            let bytes = archive(form, index, &[("a.o", b"odd"), (NAME, &object)]);
            for end in 0..bytes.len() {
                read_all(&bytes[..end]);
            }
            for place in 0..bytes.len() {
                for value in [0, b' ', b'/', b'9', b':', 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[place] = value;
                    read_all(&bytes);
                }
            }
        }
    }
}

/// Reads all that can be read; an error is as good as any other.
fn read_all(bytes: &[u8]) {
    let files: &[(&str, &[u8])] = &[(NAME, b"a file")];
    let Ok(archive) = Archive::parse_with("libx.a".into(), bytes, Some(&files)) else {
        return;
    };
    for member in archive.members().flatten() {
        let again = archive.member(member.offset).unwrap();
        assert_eq!((again.name, again.bytes), (member.name, member.bytes));
    }
    let _ = archive
        .find("f".into())
        .map(|offset| archive.member(offset));
}

#[test]
fn what_is_no_archive_is_refused() {
    for bytes in [&b""[..], b"!<arch>", b"\x7fELF", b"<bigaf>\n", b"text"] {
        assert!(error_of(bytes).contains("neither an ELF object nor an archive"));
    }
}

#[test]
fn damaged_headers_are_told() {
    let with = |header: &[u8]| [b"!<arch>\n", header].concat();
    let mut other_end = header("a.o/", 0);
    other_end[58] = b'x';
    for (bytes, what) in [
        (with(&header("a.o/", 1)), "lies outside of the archive"),
        (with(b"a.o/"), "lies outside of the archive"),
        (with(&other_end), "ends in other bytes"),
        (
            with(&[&header("a.o/", 0)[..48], b"size      `\n"].concat()),
            "is no number",
        ),
        (with(&header("/0", 0)), "outside of the table of names"),
        (
            with(&[member("//", b"no end"), header("/0", 0)].concat()),
            "outside of the table of names",
        ),
        (
            with(&[member("//", b"a/\n"), header("/4", 0)].concat()),
            "outside of the table of names",
        ),
        (
            with(&[member("//", b"a/\n"), header("/0:x", 0)].concat()),
            "outside of the table of names",
        ),
        (with(&header("#1/1", 0)), "name lies outside of the archive"),
        (with(&member("#1/3", b"ab")), "lies outside of the archive"),
    ] {
        let error = error_of(&bytes);
        assert!(
            error.starts_with("libx.a: damaged: ") && error.contains(what),
            "{what}: {error}"
        );
    }
}

#[test]
fn nothing_follows_a_damaged_header() {
    let good = member("a.o/", b"");
    let bytes = [b"!<arch>\n", &good[..], &[b'x'; 60], &good].concat();
    let members = Members::of("libx.a".into(), &bytes, None).unwrap();
    assert!(members.map(|member| member.is_ok()).eq([true, false]));
}

#[test]
fn counts_are_not_believed_beyond_the_file() {
    let huge = u32::MAX.to_be_bytes();
    for (name, content) in [
        ("/", [huge, huge].concat()),
        ("/SYM64/", [huge, huge, huge].concat()),
        ("__.SYMDEF", [huge, huge].concat()),
        ("__.SYMDEF_64", [huge, huge, huge].concat()),
    ] {
        let bytes = [&b"!<arch>\n"[..], &member(name, &content)].concat();
        assert!(error_of(&bytes).contains("damaged"), "{name}");
    }
}

#[test]
fn names_of_an_index_that_lie_over_each_other_are_damage() {
    let mut content = Vec::new();
    let count = 1000_u32;
    content.extend((count * 8).to_le_bytes());
    content.extend((0..count).flat_map(|start| [start.to_le_bytes(), [0; 4]].concat()));
    let names = [[b'a'; 1000].as_slice(), &[0]].concat();
    content.extend((names.len() as u32).to_le_bytes());
    content.extend(names);
    let bytes = [&b"!<arch>\n"[..], &member("__.SYMDEF", &content)].concat();
    assert!(error_of(&bytes).contains("names of the archive's index overlap"));
}

#[test]
fn a_longer_name_than_any_path_is_damage() {
    for len in [4095, 4096] {
        let name = "a".repeat(len);
        let gnu = member("//", format!("{name}\n").as_bytes());
        let bytes = [&b"!<arch>\n"[..], &gnu, &header("/0", 0)].concat();
        match len {
            4095 => assert_eq!(names_of(&bytes), [name]),
            _ => assert!(error_of(&bytes).contains("outside of the table of names")),
        }
    }
}

#[test]
fn an_index_may_not_name_a_table() {
    let bytes = archive(Form::Gnu, Some(&[("f", 0)]), &[(NAME, b"")]);
    let archive = parse(&bytes);
    let names = bytes.windows(2).position(|two| two == b"//").unwrap();
    for place in [8, names as u64] {
        assert!(error(archive.member(place)).contains("where no member is"));
    }
    for place in [0, 7, bytes.len() as u64, u64::MAX] {
        assert!(error(archive.member(place)).starts_with("libx.a: damaged: "));
    }
}

#[test]
fn members_that_lie_within_each_other_are_taken_as_far_as_the_file_is_long() {
    // Each holds all those behind it.
    let count = 100;
    let mut nested = Vec::new();
    for _ in 0..count {
        nested = [header("a.o/", nested.len()), nested].concat();
    }
    let bytes = [&b"!<arch>\n"[..], &nested].concat();
    let archive = parse(&bytes);
    let mut taken = Taken::new();
    let mut taken_bytes = 0;
    for place in 0..count {
        let member = archive.member(8 + 60 * place).unwrap();
        if taken.take(&member).unwrap() {
            taken_bytes += member.bytes.len();
        }
        assert!(!taken.take(&member).unwrap());
    }
    assert!((1..=bytes.len()).contains(&taken_bytes), "{taken_bytes}");
}

#[test]
fn a_file_is_taken_once_however_often_a_thin_archive_names_it() {
    let object = defining("f");
    let files: &[(&str, &[u8])] = &[("a.o", &object), ("./a.o", &object)];
    let bytes = thin(None, &["a.o", "./a.o", "a.o"]);
    let mut taken = Taken::new();
    let members = Members::of(Name::from("libx.a"), &bytes, Some(&files)).unwrap();
    let are_taken = members.map(|member| taken.take(&member.unwrap()).unwrap());
    assert!(are_taken.eq([true, false, false]));
}
