//! The forms of archives.

use super::build::{FORMS, Form, archive};
use super::{defining, member_of, names_of, parse};

const LONG: &str = "a name that is longer than sixteen.o";

#[test]
fn members_are_found_by_the_index_in_every_form() {
    // What the index says is believed: here the members define nothing.
    let members: [(&str, &[u8]); 3] = [("a.o", b"odd"), (LONG, b"even"), ("b.o", b"")];
    let index = [("first", 0), ("second", 1), ("third", 2), ("first", 2)];
    for form in FORMS {
        let bytes = archive(form, Some(&index), &members);
        let archive = parse(&bytes);
        for (symbol, (name, content)) in ["first", "second", "third"].iter().zip(members) {
            assert_eq!(
                member_of(&archive, symbol),
                (name.into(), content),
                "{form:?}"
            );
        }
        assert_eq!(archive.find("fourth".into()), None);
    }
}

#[test]
fn all_members_come_in_order_without_the_tables() {
    let members: [(&str, &[u8]); 3] = [("a.o", b"odd"), (LONG, b"even"), ("a.o", b"")];
    for form in FORMS {
        for index in [None, Some(&[("first", 0)][..])] {
            let bytes = archive(form, index, &members);
            assert_eq!(names_of(&bytes), ["a.o", LONG, "a.o"], "{form:?}");
            assert_eq!(parse(&bytes).members().count(), 3);
        }
    }
}

#[test]
fn an_archive_of_no_members_defines_nothing() {
    for form in FORMS {
        for index in [None, Some(&[][..])] {
            let bytes = archive(form, index, &[]);
            assert_eq!(parse(&bytes).find("main".into()), None);
        }
    }
}

#[test]
fn members_that_are_no_objects_are_told_apart() {
    let object = defining("f");
    let members: [(&str, &[u8]); 3] = [("lib.rmeta", b"rust"), ("f.o", &object), ("read.me", b"")];
    let bytes = archive(Form::Gnu, None, &members);
    let are_objects = parse(&bytes)
        .members()
        .map(|member| member.unwrap().is_object());
    assert!(are_objects.eq([false, true, false]));
}
