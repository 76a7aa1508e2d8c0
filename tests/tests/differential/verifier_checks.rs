//! Whether the verifier would notice: it agrees with what `ld.lld` links, and with nothing that a bit was changed in.

use crate::elf::{File, Place};
use crate::lld::{self, Placement, Relaxation};
use crate::programs::{directory, finish};
use crate::support;
use crate::verify::{self, Extent};
use libtest_mimic::Trial;
use std::fs;
use std::path::PathBuf;
use xtask::machines::{MACHINES, Machine};
use xtask::toolchain::corpus;

/// Small objects, which load from the global offset table and call each other.
const OBJECTS: &[&str] = &["lua.lzio.clang-noplt.o", "lua.lmem.clang-noplt.o"];

/// Where the first section goes, and the global offset table.
const START: u64 = 0x4000_0000;
const TABLE: u64 = 0x3000_0000;

/// A test for each machine.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |machine: &&'static Machine| {
        let machine = *machine;
        let name = format!("{}::verifier_notices_each_changed_bit", machine.name);
        Trial::test(name.clone(), move || finish(check(machine, &name)))
    };
    MACHINES.iter().map(trial).collect()
}

fn check(machine: &'static Machine, name: &str) -> Vec<String> {
    let directory = directory(name);
    let members = corpus::library_objects(machine).unwrap();
    let paths = members
        .into_iter()
        .filter(|member| OBJECTS.contains(&member.name.as_str()));
    let paths: Vec<PathBuf> = paths.map(|member| member.path).collect();
    let read = |path: &PathBuf| File::parse(&path.to_string_lossy(), fs::read(path).unwrap());
    let mut objects: Vec<File> = paths.iter().map(read).collect();
    assert_eq!(objects.len(), OBJECTS.len());
    objects.push(File::parse("support.o", support::object_for(&objects)));
    let placement = in_order(&objects);
    let mut failures = Vec::new();
    for relaxation in [Relaxation::Off, Relaxation::On] {
        let mut linked = lld::link(&objects, &placement, relaxation, &directory);
        let untouched = verify::verify(&objects, &linked, Extent::Whole);
        failures.extend(untouched.mismatches.iter().map(ToString::to_string));
        for (place, &address) in &placement.sections {
            let size = objects[place.0].sections[place.1].size;
            for (offset, address) in (0..size).zip(address..) {
                // Each bit has its turn, some bytes further.
                let bit = 1 << (offset % 8);
                linked.change(address, bit);
                if verify::verify(&objects, &linked, Extent::Whole)
                    .mismatches
                    .is_empty()
                {
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
