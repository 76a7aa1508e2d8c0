//! Archives without an index: what members define is asked of themselves.

use std::string::ToString;

use super::build::{FORMS, Form, archive, thin};
use super::{bare_header, defining, error_of, member_of, parse};
use crate::base::Name;
use crate::format::Archive;
use crate::format::elf::tests::file::{COMMON, FIRST, global, loaded, local, object, weak};

#[test]
fn without_an_index_or_with_an_empty_one_members_are_found_by_what_they_define() {
    let (first, second) = (defining("first"), defining("second"));
    for form in FORMS {
        for index in [None, Some(&[][..])] {
            let bytes = archive(form, index, &[("1.o", &first), ("2.o", &second)]);
            let archive = parse(&bytes);
            assert_eq!(
                member_of(&archive, "first"),
                ("1.o".to_string(), &first[..])
            );
            assert_eq!(
                member_of(&archive, "second"),
                ("2.o".to_string(), &second[..])
            );
            assert_eq!(archive.find("third".into()), None);
        }
    }
}

#[test]
fn of_two_members_that_define_a_name_the_first_counts() {
    let symbols = [weak("shared", FIRST), global("own", FIRST)];
    let first = object(&symbols, std::vec![loaded(".text")]);
    let second = defining("shared");
    let bytes = archive(Form::Gnu, None, &[("1.o", &first), ("2.o", &second)]);
    assert_eq!(member_of(&parse(&bytes), "shared").0, "1.o");
}

#[test]
fn names_that_are_wanted_or_local_are_not_found_and_common_ones_are() {
    let symbols = [
        local("label", FIRST),
        global("wanted", 0),
        weak("weakly_wanted", 0),
        global("common", COMMON),
    ];
    let object = object(&symbols, std::vec![loaded(".text")]);
    let bytes = archive(Form::Gnu, None, &[("1.o", &object)]);
    let archive = parse(&bytes);
    assert_eq!(member_of(&archive, "common").0, "1.o");
    for name in ["label", "wanted", "weakly_wanted", ""] {
        assert_eq!(archive.find(Name::from(name)), None, "{name}");
    }
}

#[test]
fn members_that_are_no_objects_define_nothing() {
    let inner = archive(Form::Gnu, None, &[("inner.o", &defining("inner"))]);
    let members: [(&str, &[u8]); 6] = [
        ("lib.rmeta", b"rust\0\0\0\x08"),
        ("empty.o", b""),
        ("bare.o", &bare_header()),
        ("bitcode.o", b"BC\xc0\xde"),
        ("libinner.a", &inner),
        ("f.o", &defining("f")),
    ];
    let bytes = archive(Form::Gnu, None, &members);
    let archive = parse(&bytes);
    assert_eq!(member_of(&archive, "f").0, "f.o");
    assert_eq!(archive.find("inner".into()), None);
}

#[test]
fn a_damaged_object_is_told_with_its_archive_unless_the_index_keeps_it_from_being_asked() {
    let (good, mut bad) = (defining("good"), defining("bad"));
    bad.truncate(bad.len() - 1);
    let members: [(&str, &[u8]); 2] = [("good.o", &good), ("bad.o", &bad)];
    let error = error_of(&archive(Form::Gnu, None, &members));
    assert!(error.starts_with("libx.a(bad.o): damaged: "), "{error}");
    let bytes = archive(Form::Gnu, Some(&[("good", 0)]), &members);
    assert_eq!(member_of(&parse(&bytes), "good").0, "good.o");
}

#[test]
fn of_a_thin_archive_the_files_are_asked() {
    let (first, second) = (defining("first"), defining("second"));
    let files: &[(&str, &[u8])] = &[("dir/1.o", &first), ("2.o", &second)];
    // That a file is named twice is no damage.
    let bytes = thin(None, &["dir/1.o", "2.o", "dir/1.o"]);
    let archive = Archive::parse_with("libx.a".into(), &bytes, Some(&files)).unwrap();
    assert_eq!(
        member_of(&archive, "second"),
        ("2.o".to_string(), &second[..])
    );
    assert_eq!(member_of(&archive, "first").0, "dir/1.o");
}
