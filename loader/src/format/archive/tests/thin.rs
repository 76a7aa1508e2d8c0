//! Thin archives: what they name lies elsewhere.

use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::build::{Form, archive, thin};
use super::{defining, error, error_of, member_of, parse};
use crate::base::Name;
use crate::format::{Archive, MemberSource, Members};

fn parse_with<'a>(bytes: &'a [u8], source: &'a dyn MemberSource) -> Archive<'a> {
    Archive::parse_with("libx.a".into(), bytes, Some(source)).unwrap()
}

#[test]
fn members_are_the_files_of_the_source() {
    let files: &[(&str, &[u8])] = &[("dir/1.o", b"one"), ("2.o", b"two")];
    let bytes = thin(Some(&[("first", 0), ("second", 1)]), &["dir/1.o", "2.o"]);
    let archive = parse_with(&bytes, &files);
    assert_eq!(
        member_of(&archive, "first"),
        ("dir/1.o".to_string(), &b"one"[..])
    );
    assert_eq!(
        member_of(&archive, "second"),
        ("2.o".to_string(), &b"two"[..])
    );
    let contents = archive.members().map(|member| member.unwrap().bytes);
    assert!(contents.eq([&b"one"[..], b"two"]));
}

#[test]
fn without_a_source_it_is_refused_once_a_member_is_asked_for() {
    let bytes = thin(Some(&[("first", 0)]), &["dir/1.o"]);
    let archive = parse(&bytes);
    assert_eq!(archive.find("second".into()), None);
    let offset = archive.find("first".into()).unwrap();
    let expected =
        "libx.a: a thin archive, which only names its member `dir/1.o`, and no files are read here";
    for error in [
        error(archive.member(offset)),
        error(archive.members().next().unwrap()),
        // There is no index, so that the members are asked for their names.
        error_of(&thin(None, &["dir/1.o"])),
    ] {
        assert!(
            error.starts_with(expected) && error.contains("`ar rc`"),
            "{error}"
        );
    }
    parse(&thin(None, &[]));
}

#[test]
fn a_file_that_is_not_there_is_told_with_its_archive_and_the_others_are_had() {
    let files: &[(&str, &[u8])] = &[("there.o", b"")];
    let bytes = thin(Some(&[("first", 0)]), &["gone.o", "there.o"]);
    let archive = parse_with(&bytes, &files);
    let expected =
        "libx.a: a thin archive, and its member `gone.o` can't be read; write that file again";
    let error = error(archive.member(archive.find("first".into()).unwrap()));
    assert!(error.starts_with(expected), "{error}");
    let are_there = archive.members().map(|member| member.is_ok());
    assert!(are_there.eq([false, true]));
}

#[test]
fn of_a_long_path_that_is_missing_the_end_is_told() {
    let path = format!("{}end.o", "directory/".repeat(20));
    let bytes = thin(Some(&[("first", 0)]), &[&path]);
    let archive = parse(&bytes);
    let error = error(archive.member(archive.find("first".into()).unwrap()));
    assert!(
        error.contains("`…") && error.contains("/directory/end.o`"),
        "{error}"
    );
}

#[test]
fn a_member_may_lie_in_another_archive() {
    let (first, second) = (defining("first"), defining("second"));
    let long = "a name that is longer than sixteen.o";
    let other = archive(
        Form::Gnu,
        Some(&[("first", 0), ("second", 1)]),
        &[("1.o", &first), (long, &second)],
    );
    let places: Vec<u64> = parse(&other)
        .members()
        .map(|member| member.unwrap().offset)
        .collect();
    let paths = places.iter().map(|place| format!("libother.a:{place}"));
    let paths: Vec<_> = paths.collect();
    let paths: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
    let files: &[(&str, &[u8])] = &[("libother.a", &other)];
    let index = [("first", 0), ("second", 1)];
    for index in [None, Some(&index[..])] {
        let bytes = thin(index, &paths);
        let archive = parse_with(&bytes, &files);
        assert_eq!(
            member_of(&archive, "first"),
            ("1.o".to_string(), &first[..])
        );
        assert_eq!(
            member_of(&archive, "second"),
            (long.to_string(), &second[..])
        );
    }
    // Tables aren't members, and members don't begin anywhere.
    for place in [0, 8, 9, places[1] + 1, 1 << 40] {
        let bytes = thin(Some(&index[..1]), &[&format!("libother.a:{place}")]);
        let archive = parse_with(&bytes, &files);
        let error = error(archive.member(archive.find("first".into()).unwrap()));
        assert!(error.starts_with("libother.a: damaged: "), "{error}");
    }
}

#[test]
fn the_paths_are_told_that_the_source_will_be_asked_for() {
    let paths_of = |bytes: &[u8]| {
        let members = Members::of("libx.a".into(), bytes, None).unwrap();
        let paths = members.paths().map(|path| path.unwrap().to_string());
        paths.collect::<Vec<_>>()
    };
    let bytes = thin(None, &["1.o", "libother.a:84", "libother.a:168"]);
    assert_eq!(paths_of(&bytes), ["1.o", "libother.a", "libother.a"]);
    assert_eq!(
        paths_of(&archive(Form::Gnu, None, &[("1.o", b"")])),
        [""; 0]
    );
}

#[test]
fn a_list_of_files_is_a_source() {
    let files: &[(&str, &[u8])] = &[("a.o", b"a"), ("b.o", b"b")];
    assert_eq!(files.content(Name::from("b.o")), Some(&b"b"[..]));
    assert_eq!(files.content(Name::from("./b.o")), None);
}
