//! What is read of archives, on demand and as a whole.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::{Input, read};
use crate::base::{Machine, Name, Text, failing_heap};
use crate::format::archive_builder::{FORMS, File, Form, archive, header, thin};
use crate::format::elf::tests::file::{FIRST, global, loaded, object, weak};
use crate::format::{FormatError, FormatFault, MemberSource, ReadOptions};
use crate::graph::{LinkGraph, Origin};

/// An object that defines a name and wants others.
fn unit(defined: &'static str, wanted: &[&'static str]) -> Vec<u8> {
    let wanted = wanted.iter().map(|name| global(name, 0));
    let symbols: Vec<_> = [global(defined, FIRST)].into_iter().chain(wanted).collect();
    object(&symbols, std::vec![loaded(".text")])
}

fn graph_of<'a>(inputs: &[Input<'a>]) -> Result<LinkGraph<'a>, FormatError> {
    read(Machine::X86_64, inputs, ReadOptions::default(), |_| false)
}

/// The objects that are read, as errors show them.
fn objects_of(inputs: &[Input<'_>]) -> Vec<String> {
    let graph = graph_of(inputs).unwrap();
    let objects = graph.objects.iter();
    objects.map(|(_, object)| object.to_string()).collect()
}

fn error_of(inputs: &[Input<'_>]) -> String {
    graph_of(inputs).err().unwrap().to_string()
}

/// A crate of several units as rustc keeps it: metadata first, and units that want each other.
struct Rlib {
    units: [Vec<u8>; 3],
}

const NAMES: [&str; 4] = [
    "lib.rmeta",
    "part-0123456789abcdef.part.0123456789abcdef-cgu.0.rcgu.o",
    "part-0123456789abcdef.part.0123456789abcdef-cgu.1.rcgu.o",
    "part-0123456789abcdef.part.0123456789abcdef-cgu.2.rcgu.o",
];

impl Rlib {
    fn new() -> Self {
        let units = [
            unit("first", &["second"]),
            unit("second", &["first"]),
            unit("third", &["nowhere"]),
        ];
        Self { units }
    }

    fn members(&self) -> Vec<File<'_>> {
        let units = self.units.iter().map(Vec::as_slice);
        let contents = [&b"rust\0\0\0\x08"[..]].into_iter().chain(units);
        NAMES.into_iter().zip(contents).collect()
    }

    fn archive(&self, form: Form, has_index: bool) -> Vec<u8> {
        let index = [("first", 1), ("second", 2), ("third", 3)];
        archive(form, has_index.then_some(&index[..]), &self.members())
    }

    fn shown(numbers: &[usize]) -> Vec<String> {
        let shown = numbers
            .iter()
            .map(|&at| format!("libpart.rlib({})", NAMES[at]));
        ["main.o".to_string()].into_iter().chain(shown).collect()
    }
}

#[test]
fn of_an_archive_the_members_are_read_that_are_missed_and_those_that_they_miss() {
    let (main, rlib) = (unit("main", &["second"]), Rlib::new());
    for form in FORMS {
        for has_index in [true, false] {
            let bytes = rlib.archive(form, has_index);
            let inputs = [
                Input::new("libpart.rlib", &bytes),
                Input::new("main.o", &main),
            ];
            assert_eq!(objects_of(&inputs), Rlib::shown(&[2, 1]), "{form:?}");
        }
    }
}

#[test]
fn archives_that_miss_each_other_give_both_whatever_their_order() {
    let main = unit("main", &["first"]);
    let (first, second) = (unit("first", &["second"]), unit("second", &["third"]));
    let third = unit("third", &[]);
    let one = archive(Form::Gnu, None, &[("1.o", &first), ("3.o", &third)]);
    let other = archive(Form::Gnu, None, &[("2.o", &second)]);
    let (one, other) = (Input::new("one.a", &one), Input::new("other.a", &other));
    let main = Input::new("main.o", &main);
    let expected = ["main.o", "one.a(1.o)", "other.a(2.o)", "one.a(3.o)"];
    for inputs in [[main, one, other], [other, one, main]] {
        assert_eq!(objects_of(&inputs), expected);
    }
}

#[test]
fn a_weak_reference_reads_no_member() {
    let symbols = [global("main", FIRST), weak("first", 0)];
    let main = object(&symbols, std::vec![loaded(".text")]);
    let bytes = Rlib::new().archive(Form::Gnu, false);
    let inputs = [
        Input::new("main.o", &main),
        Input::new("libpart.rlib", &bytes),
    ];
    assert_eq!(objects_of(&inputs), ["main.o"]);
}

#[test]
fn of_a_whole_archive_all_objects_are_read_as_if_they_were_given() {
    let (main, rlib) = (unit("main", &[]), Rlib::new());
    for form in FORMS {
        for has_index in [true, false] {
            let bytes = rlib.archive(form, has_index);
            let inputs = [
                Input::new("main.o", &main),
                Input::whole("libpart.rlib", &bytes),
            ];
            assert_eq!(objects_of(&inputs), Rlib::shown(&[1, 2, 3]), "{form:?}");
            let graph = graph_of(&inputs).unwrap();
            let mut objects = graph.objects.iter();
            assert!(objects.all(|(_, object)| object.origin == Origin::Given));
        }
    }
    assert_eq!(objects_of(&[Input::whole("main.o", &main)]), ["main.o"]);
}

#[test]
fn what_a_whole_archive_misses_others_give() {
    let (rlib, nowhere) = (Rlib::new(), unit("nowhere", &[]));
    let bytes = rlib.archive(Form::Gnu, true);
    let other = archive(Form::Bsd, None, &[("nowhere.o", &nowhere)]);
    let inputs = [
        Input::new("other.a", &other),
        Input::whole("libpart.rlib", &bytes),
    ];
    assert_eq!(objects_of(&inputs).last().unwrap(), "other.a(nowhere.o)");
}

#[test]
fn a_bad_member_is_told_with_its_archive() {
    let main = unit("main", &["f"]);
    let mut bad = unit("f", &[]);
    bad[18] = 183;
    let bytes = archive(Form::Gnu, None, &[("bad.o", &bad)]);
    for input in [Input::new("libx.a", &bytes), Input::whole("libx.a", &bytes)] {
        let error = error_of(&[Input::new("main.o", &main), input]);
        assert!(
            error.starts_with("libx.a(bad.o): an object for ELF machine 183"),
            "{error}"
        );
    }
}

#[test]
fn the_members_of_a_thin_archive_are_files_of_the_source() {
    let main = unit("main", &["first"]);
    let (first, second) = (unit("first", &["second"]), unit("second", &[]));
    let third = unit("third", &[]);
    let files: &[(&str, &[u8])] = &[("dir/1.o", &first), ("2.o", &second), ("3.o", &third)];
    let index = [("first", 0), ("second", 1), ("third", 2)];
    for index in [None, Some(&index[..])] {
        let bytes = thin(index, &["dir/1.o", "2.o", "3.o"]);
        let read = |input: Input<'_>| {
            objects_of(&[Input::new("main.o", &main), input.with_members(&files)])
        };
        let needed = ["main.o", "libx.a(dir/1.o)", "libx.a(2.o)"];
        assert_eq!(read(Input::new("libx.a", &bytes)), needed);
        let all = [&needed[..], &["libx.a(3.o)"]].concat();
        assert_eq!(read(Input::whole("libx.a", &bytes)), all);
    }
}

#[test]
fn a_thin_archive_without_a_source_is_refused_if_a_member_of_it_is_needed() {
    let bytes = thin(Some(&[("first", 0)]), &["1.o"]);
    let thin = Input::new("libx.a", &bytes);
    let (needless, needing) = (unit("main", &["other"]), unit("main", &["first"]));
    assert_eq!(
        objects_of(&[thin, Input::new("main.o", &needless)]),
        ["main.o"]
    );
    let whole = Input::whole("libx.a", &bytes);
    for inputs in [&[thin, Input::new("main.o", &needing)][..], &[whole]] {
        let error = graph_of(inputs).err().unwrap();
        let path = Text::of("1.o");
        assert_eq!(error.fault, FormatFault::ThinArchive { path });
        assert_eq!(error.site.object.as_str(), "libx.a");
    }
}

#[test]
fn a_member_within_another_one_that_was_read_is_not_read() {
    let (outer, inner) = (unit("outer", &[]), unit("inner", &[]));
    let nested = [outer.clone(), header("inner.o/", inner.len()), inner].concat();
    let bytes = archive(
        Form::Gnu,
        Some(&[("outer", 0), ("inner", 1)]),
        &[("outer.o", &nested), ("", b"")],
    );
    // The place of the second member becomes that of the one within the first.
    let mut bytes = bytes;
    let second = bytes.len() as u32 - 60;
    let within = second - 60 - unit("inner", &[]).len() as u32;
    let entry = bytes
        .windows(4)
        .position(|word| word == second.to_be_bytes());
    let entry = entry.unwrap();
    bytes[entry..entry + 4].copy_from_slice(&within.to_be_bytes());
    let read = |wanted: &[&'static str]| {
        let main = unit("main", wanted);
        objects_of(&[Input::new("main.o", &main), Input::new("libx.a", &bytes)])
    };
    assert_eq!(read(&["inner"]), ["main.o", "libx.a(inner.o)"]);
    assert_eq!(read(&["outer", "inner"]), ["main.o", "libx.a(outer.o)"]);
}

#[test]
fn the_graph_needs_the_bytes_and_the_source_alone() {
    let (main, first) = (unit("main", &["first"]), unit("first", &[]));
    let bytes = thin(Some(&[("first", 0)]), &["1.o"]);
    let files: &[(&str, &[u8])] = &[("1.o", &first)];
    let source: &dyn MemberSource = &files;
    // The list of inputs is gone when the graph is looked at.
    let graph = graph_of(&std::vec![
        Input::new("main.o", &main),
        Input::new("libx.a", &bytes).with_members(source),
    ]);
    assert!(graph.unwrap().find(Name::from("first")).is_some());
}

#[test]
fn whichever_allocation_fails_it_is_an_error_and_nothing_stays() {
    let (main, rlib) = (unit("main", &["second"]), Rlib::new());
    let whole = rlib.archive(Form::Bsd, true);
    let main = Input::new("main.o", &main);
    for has_index in [true, false] {
        let bytes = rlib.archive(Form::Gnu, has_index);
        for input in [Input::new("libx.a", &bytes), Input::whole("libx.a", &whole)] {
            let before = failing_heap::live_bytes();
            let read =
                |count| failing_heap::fail_after(count, || graph_of(&[main, input]).map(drop));
            let mut failures = 0;
            while let Err(error) = read(failures) {
                assert!(matches!(error.fault, FormatFault::Heap(_)), "{error}");
                assert_eq!(failing_heap::live_bytes(), before);
                failures += 1;
                assert!(failures < 1_000);
            }
            assert!(failures > 10, "{failures}");
        }
    }
}
