//! Whether the verifier would notice: it agrees with what `ld.lld` links, and with nothing that a bit was changed in, whoever
//! has linked it.

use crate::elf::{File, Place};
use crate::lld::{self, Placement, Relaxation};
use crate::map;
use crate::programs::{directory, finish};
use crate::support;
use crate::tool::{self, Outcome, Region};
use crate::verify::{self, Extent};
use libtest_mimic::Trial;
use std::fs;
use xtask::machines::{MACHINES, Machine};
use xtask::toolchain::corpus::{self, Member};

/// Small objects, which load from the global offset table and call each other.
const OF_ONE_LIBRARY: &[&str] = &["lua.lzio.clang-noplt.o", "lua.lmem.clang-noplt.o"];

/// A small program that calls by stubs, too.
const PROGRAM: &[&str] = &["standard_streams.clang-pic-O0.o"];

/// Where the first section goes, and the global offset table.
const START: u64 = 0x4000_0000;
const TABLE: u64 = 0x3000_0000;

/// What a test does, by machine and name; it says what is wrong.
type Check = fn(&'static Machine, &str) -> Vec<String>;

/// Tests for each machine.
pub(crate) fn trials() -> Vec<Trial> {
    let checks: [(&str, Check); 2] = [("ld.lld", check_theirs), ("ironlink", check_ours)];
    let mut trials = Vec::new();
    for &machine in MACHINES {
        for (linker, check) in checks {
            let name = format!("{}::verifier::each_changed_bit_of::{linker}", machine.name);
            trials.push(Trial::test(name.clone(), move || {
                finish(check(machine, &name))
            }));
        }
    }
    trials
}

/// Those of the objects that have these names.
fn named(members: Vec<Member>, names: &[&str]) -> Vec<File> {
    let is_wanted = |member: &Member| names.contains(&member.name.as_str());
    let objects = members.into_iter().filter(is_wanted).map(|member| {
        let bytes = fs::read(&member.path).unwrap();
        File::parse(&member.path.to_string_lossy(), bytes)
    });
    let objects: Vec<File> = objects.collect();
    assert_eq!(objects.len(), names.len());
    objects
}

/// Changes each byte of each section in a link by `ld.lld`.
fn check_theirs(machine: &'static Machine, name: &str) -> Vec<String> {
    let mut objects = named(corpus::library_objects(machine).unwrap(), OF_ONE_LIBRARY);
    objects.push(File::parse("support.o", support::object_for(&objects)));
    let placement = in_order(&objects);
    let mut failures = Vec::new();
    for relaxation in [Relaxation::Off, Relaxation::On] {
        let mut linked = lld::link(&objects, &placement, relaxation, &directory(name));
        let untouched = verify::verify(&objects, &linked, Extent::Whole);
        failures.extend(untouched.mismatches.iter().map(ToString::to_string));
        for (place, &address) in &placement.sections {
            let size = objects[place.0].sections[place.1].size;
            for (offset, address) in (0..size).zip(address..) {
                let bit = bit_for(offset);
                linked.change(address, bit);
                let report = verify::verify(&objects, &linked, Extent::Whole);
                if report.mismatches.is_empty() {
                    let section = &objects[place.0].sections[place.1].name;
                    failures.push(format!(
                        "bit {bit:#x} of {section}+{offset:#x} is not missed"
                    ));
                }
                linked.change(address, bit);
            }
        }
    }
    failures
}

/// Changes each byte of each section in a link by the tool, its tables included.
fn check_ours(machine: &'static Machine, name: &str) -> Vec<String> {
    let objects = named(corpus::test_objects(machine).unwrap(), PROGRAM);
    let mut failures = Vec::new();
    let Outcome { map, mut image } =
        tool::run(&objects, Relaxation::Off, Region::Low, &directory(name)).unwrap();
    let is_noticed = |image: &[u8]| {
        let (linked, faults) = map::read(&map, image.to_vec(), &objects);
        let report = verify::verify(&objects, &linked, Extent::Whole);
        !faults.is_empty() || !report.mismatches.is_empty()
    };
    assert!(!is_noticed(&image));
    let sections = File::parse("the image", image.clone()).sections;
    for section in sections.iter().filter(|section| section.is_allocated()) {
        for (offset, at) in (0..section.size).zip(section.range.clone()) {
            if section.name == "$__STUBS" && is_padding(machine, offset) {
                continue;
            }
            let bit = bit_for(offset);
            image[at] ^= bit;
            if !is_noticed(&image) {
                let section = &section.name;
                failures.push(format!(
                    "bit {bit:#x} of {section}+{offset:#x} is not missed"
                ));
            }
            image[at] ^= bit;
        }
    }
    failures
}

/// Each bit has its turn, some bytes further.
fn bit_for(offset: u64) -> u8 {
    1 << (offset % 8)
}

/// Whether nothing is executed there: on x86-64, a stub is a jump of six bytes in eight; on AArch64, three instructions in the
/// place of four.
fn is_padding(machine: &Machine, offset: u64) -> bool {
    match machine.name {
        "x86_64" => offset % 8 >= 6,
        _ => offset % 16 >= 12,
    }
}

/// One section after the other.
fn in_order(objects: &[File]) -> Placement {
    let mut placement = Placement {
        got: TABLE,
        ..Placement::default()
    };
    let mut end = START;
    for (object, file) in objects.iter().enumerate() {
        assert!(
            file.symbols
                .iter()
                .all(|symbol| symbol.place != Place::Common)
        );
        for (index, section) in file.sections.iter().enumerate() {
            if section.is_allocated() && section.size > 0 {
                let start = end.next_multiple_of(section.alignment.max(1));
                placement.sections.insert((object, index), start);
                end = start + section.size;
            }
        }
    }
    placement
}
