//! The same link by `ld.lld`, at the addresses that another linker chose.
//!
//! Each section that takes memory is given a name of its own in a copy of its object, so that a linker script can say
//! where it goes; under such a name it is also spared what `ld.lld` does to `.eh_frame`.

use crate::elf::{File, Machine, Place, to_usize};
use crate::linked::{Linked, Piece, Purpose};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where everything goes.
#[derive(Default, Debug)]
pub(crate) struct Placement {
    /// The sections, by the places of object and section. Others are left out.
    pub(crate) sections: HashMap<(usize, usize), u64>,
    /// Names that no section has: common symbols, and what the other linker was told.
    pub(crate) names: BTreeMap<String, u64>,
    /// The global offset table.
    pub(crate) got: u64,
}

/// Whether instructions may be rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Relaxation {
    Off,
    On,
}

/// A distance that no section is long.
const OUT_OF_THE_WAY: u64 = 16 << 20;

/// Links `objects` in `directory`, which may hold earlier links.
pub(crate) fn link(
    objects: &[File],
    placement: &Placement,
    relaxation: Relaxation,
    directory: &Path,
) -> Linked {
    let machine = objects[0].machine;
    fs::create_dir_all(directory).unwrap();
    let inputs = objects.iter().enumerate().map(|(index, object)| {
        let path = directory.join(format!("{index}.o"));
        fs::write(&path, with_own_names(index, object, placement)).unwrap();
        path
    });
    let inputs: Vec<PathBuf> = inputs.collect();
    let script = directory.join("script");
    fs::write(&script, script_for(objects, placement, relaxation)).unwrap();
    let output = directory.join("output");
    let mut lld = Command::new("ld.lld");
    lld.args(match machine {
        Machine::X86_64 => ["-m", "elf_x86_64"],
        Machine::Aarch64 => ["-m", "aarch64linux"],
    });
    lld.args(match relaxation {
        Relaxation::Off => &["--no-relax"][..],
        Relaxation::On => &["--relax"],
    });
    // Without optimisation, strings stay where their objects have them.
    lld.args([
        "-static",
        "-O0",
        "--strip-all",
        "--no-check-sections",
        "--entry=0",
    ]);
    lld.args(["-z", "norelro", "-z", "nognustack", "--script"])
        .arg(script);
    lld.arg("-o").arg(&output).args(inputs);
    let ended = lld.output().expect("ld.lld comes with lld");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{lld:?}\n{said}");
    let image = File::parse("ld.lld's output", fs::read(output).unwrap());
    outcome(&image, placement)
}

/// The name of a section of an object in what `ld.lld` sees.
fn own_name(object: usize, section: usize) -> String {
    format!(".s{object}.{section}")
}

/// The object with its sections renamed, and its common symbols left for the script to define.
fn with_own_names(index: usize, object: &File, placement: &Placement) -> Vec<u8> {
    let mut bytes = object.bytes.clone();
    let number = |bytes: &[u8], at| to_usize(crate::elf::number_at(bytes, at, 8));
    let table = number(&bytes, 40);
    let names = match crate::elf::number_at(&bytes, 62, 2) {
        0xffff => crate::elf::u32_at(&bytes, table + 40) as usize,
        names => to_usize(names),
    };
    let mut strings = object.section_bytes(names).to_vec();
    for section in 0..object.sections.len() {
        if let Some(address) = placement.sections.get(&(index, section)) {
            let at = table + section * 64;
            // A linker may pack records of unwind information closer than their section's alignment has it.
            let alignment = object.sections[section].alignment.max(1);
            let alignment = alignment.min(1 << address.trailing_zeros().min(63));
            bytes[at + 48..at + 56].copy_from_slice(&alignment.to_le_bytes());
            bytes[at..at + 4].copy_from_slice(&(strings.len() as u32).to_le_bytes());
            strings.extend(own_name(index, section).into_bytes());
            strings.push(0);
        }
    }
    let header = table + names * 64;
    let offset = bytes.len() as u64;
    bytes[header + 24..header + 32].copy_from_slice(&offset.to_le_bytes());
    bytes[header + 32..header + 40].copy_from_slice(&(strings.len() as u64).to_le_bytes());
    bytes.extend(strings);
    let symbols = object.sections.iter().find(|section| section.kind == 2);
    let symbols = symbols.map_or(0, |section| section.range.start);
    for (symbol, facts) in object.symbols.iter().enumerate() {
        if facts.place == Place::Common {
            let at = symbols + symbol * 24;
            bytes[at + 6..at + 16].fill(0);
        }
    }
    bytes
}

fn script_for(objects: &[File], placement: &Placement, relaxation: Relaxation) -> String {
    let mut script = String::from("SECTIONS {\n");
    let wanted: HashSet<&str> = objects
        .iter()
        .flat_map(|object| &object.symbols)
        .filter(|symbol| matches!(symbol.place, Place::Undefined | Place::Common))
        .map(|symbol| symbol.name.as_str())
        .collect();
    for (name, address) in &placement.names {
        if wanted.contains(name.as_str()) {
            writeln!(script, "  \"{name}\" = {address:#x};").unwrap();
        }
    }
    let sections = placement.sections.iter();
    let mut places: Vec<(u64, u64, String)> = sections
        .map(|(&(object, section), &address)| {
            let size = objects[object].sections[section].size;
            (address, size, own_name(object, section))
        })
        .collect();
    let last = places.iter().map(|(address, ..)| *address).max();
    let after_all = last.unwrap_or(0).next_multiple_of(OUT_OF_THE_WAY) + OUT_OF_THE_WAY;
    // What is rewritten needs no entries, and who rewrites less has a larger table: it might not fit.
    let table = match relaxation {
        Relaxation::Off => placement.got,
        Relaxation::On => after_all,
    };
    places.push((table, 1, ".got".to_owned()));
    // For lazy binding, which we don't do.
    places.push((after_all + OUT_OF_THE_WAY, 1, ".got.plt".to_owned()));
    // In the file, a section overwrites what has a higher address and comes before it; at one address, empty ones first.
    places.sort();
    for (address, _, name) in places {
        writeln!(script, "  {name} {address:#x} : {{ *({name}) }}").unwrap();
    }
    script
        .push_str("  /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame) *(.debug*) *(.llvm*) }\n}\n");
    script
}

/// What `ld.lld` made: its sections are those of the script, its table's words all hold addresses.
fn outcome(image: &File, placement: &Placement) -> Linked {
    let mut linked = Linked::of_sections(image);
    linked.names.extend(placement.names.clone());
    let places: HashMap<&str, (u64, u64)> = image
        .sections
        .iter()
        .map(|section| (section.name.as_str(), (section.address, section.size)))
        .collect();
    for &(object, section) in placement.sections.keys() {
        if let Some(&(address, size)) = places.get(own_name(object, section).as_str()) {
            let piece = Piece {
                offset: 0,
                size,
                address,
            };
            linked.sections.insert((object, section), vec![piece]);
        }
    }
    // AMD64 supplement: the table that starts with what lazy binding needs.
    let base = match image.machine {
        Machine::X86_64 => ".got.plt",
        Machine::Aarch64 => ".got",
    };
    linked.got_base = places.get(base).map(|(address, _)| *address);
    let table = image.sections.iter().find(|section| section.name == ".got");
    for at in table
        .into_iter()
        .flat_map(|table| (table.address..table.address + table.size).step_by(8))
    {
        let word = linked.word(at).unwrap();
        linked.add_slot(at, Purpose::Address(word)).unwrap();
    }
    linked
}
