//! What the tool `ironlink` tells of a link: the JSON of `-map` and the executable of `-image`.

use crate::elf::{File, Machine};
use crate::linked::{Label, Linked, Piece, Purpose, Says, ThreadStorage};
use serde::Deserialize;
use std::collections::HashMap;

/// The section of code that takes branches further than they reach.
const VENEERS: &str = "$__VENEERS";

#[derive(Debug, Deserialize)]
struct Map {
    sections: Vec<MapSection>,
    symbols: Vec<MapSymbol>,
    got: Vec<MapEntry>,
    stubs: Vec<MapStub>,
    thread_storage: Option<MapThreadStorage>,
    indirect_functions: Vec<MapIndirect>,
    got_base: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct MapSection {
    object: String,
    name: String,
    index: usize,
    offset: u64,
    address: u64,
    size: u64,
    protection: String,
}

#[derive(Debug, Deserialize)]
struct MapSymbol {
    name: String,
    address: u64,
    scope: String,
}

#[derive(Debug, Deserialize)]
struct MapEntry {
    symbol: String,
    address: u64,
    kind: String,
}

#[derive(Debug, Deserialize)]
struct MapStub {
    symbol: String,
    address: u64,
}

#[derive(Debug, Deserialize)]
struct MapThreadStorage {
    address: u64,
    size: u64,
    alignment: u64,
    thread_pointer: u64,
}

#[derive(Debug, Deserialize)]
struct MapIndirect {
    symbol: String,
    resolver: u64,
    slot: u64,
}

/// A link's outcome as the tool tells it, and what of that contradicts itself.
pub(crate) fn read(map: &[u8], image: Vec<u8>, objects: &[File]) -> (Linked, Vec<String>) {
    let map: Map = serde_json::from_slice(map).expect("the map is JSON of the agreed form");
    let mut linked = Linked::of_segments(&File::parse("the image", image));
    let mut faults = Vec::new();
    read_sections(map.sections, objects, &mut linked, &mut faults);
    let seen = map
        .symbols
        .into_iter()
        .filter(|symbol| symbol.scope != "local");
    linked.names = seen.map(|symbol| (symbol.name, symbol.address)).collect();
    linked.got_base = map.got_base;
    linked.thread_storage = map.thread_storage.map(|storage| {
        faults.extend(storage.fault(&linked));
        ThreadStorage {
            start: storage.address,
            size: storage.size,
            pointer: storage.thread_pointer,
        }
    });
    let functions = map.indirect_functions.into_iter();
    let functions = functions.map(|function| {
        let purpose = Purpose::Indirect(function.resolver);
        (function.symbol, function.slot, purpose)
    });
    // The kind of a slot that is for one of these says less.
    let entries = map.got.into_iter().filter(|entry| entry.kind != "indirect");
    let entries = entries.map(|entry| {
        let purpose = entry.purpose(&linked);
        (entry.symbol, entry.address, purpose)
    });
    let slots: Vec<_> = functions.chain(entries).collect();
    for (name, at, purpose) in slots {
        match linked.add_slot(at, purpose) {
            Ok(()) => linked.labels.push(Label {
                name,
                at,
                says: Says::Slot(purpose),
            }),
            Err(fault) => faults.push(format!("`{name}`: {fault}")),
        }
    }
    for stub in map.stubs {
        match linked.add_stub(stub.address) {
            Ok(lead) => linked.labels.push(Label {
                name: stub.symbol,
                at: stub.address,
                says: Says::Stub(lead),
            }),
            Err(fault) => faults.push(format!("`{}`: {fault}", stub.symbol)),
        }
    }
    (linked, faults)
}

fn read_sections(
    sections: Vec<MapSection>,
    objects: &[File],
    linked: &mut Linked,
    faults: &mut Vec<String>,
) {
    let places: HashMap<&str, usize> = objects
        .iter()
        .enumerate()
        .map(|(place, object)| (object.name.as_str(), place))
        .collect();
    for section in sections {
        let Some(&object) = places.get(section.object.as_str()) else {
            // The linker made it: tables, of which more is told, and what ends the unwind information.
            let bytes = linked.bytes(section.address, section.size);
            let is_zero = bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
            if section.name == ".eh_frame" && !is_zero {
                faults.push(format!("{section:x?} is {bytes:02x?}"));
            }
            if section.name == VENEERS {
                // No list has each of them: what doesn't begin one leads nowhere.
                for at in (section.address..section.address + section.size).step_by(4) {
                    let _ = linked.add_stub(at);
                }
            }
            continue;
        };
        let original = &objects[object].sections[section.index];
        if section.name != original.name || section.offset + section.size > original.size {
            faults.push(format!(
                "{}: the map has {section:x?}, of {} of {:#x} bytes",
                section.object, original.name, original.size
            ));
        }
        if original.is_allocated() && !original.allows(&section.protection) {
            let flags = original.flags;
            faults.push(format!(
                "{}: {section:x?} has flags {flags:#x}",
                section.object
            ));
        }
        let place = (object, section.index);
        linked.sections.entry(place).or_default().push(Piece {
            offset: section.offset,
            size: section.size,
            address: section.address,
        });
    }
    for (&(object, section), pieces) in &mut linked.sections {
        pieces.sort_by_key(|piece| piece.offset);
        let overlaps = |two: &[Piece]| two[0].offset + two[0].size > two[1].offset;
        if pieces.windows(2).any(overlaps) {
            let object = &objects[object];
            let section = &object.sections[section].name;
            let name = &object.name;
            faults.push(format!(
                "{name}: {section} has overlapping pieces: {pieces:x?}"
            ));
        }
    }
}

impl MapEntry {
    /// What the entry is for, by its kind and by what it says.
    fn purpose(&self, linked: &Linked) -> Purpose {
        let word = |index: u64| linked.word(self.address + index * 8).unwrap_or_default();
        match self.kind.as_str() {
            "address" => Purpose::Address(word(0)),
            "thread_pair" => Purpose::ThreadPair(word(1)),
            "thread_module" => Purpose::ThreadModule,
            "thread_offset" => Purpose::ThreadOffset(word(0)),
            "thread_descriptor" => Purpose::ThreadDescriptor(word(1)),
            other => panic!("{}: a table entry of the kind {other}", self.symbol),
        }
    }
}

impl MapThreadStorage {
    /// Where the thread pointer is not where the machine's ABI has it for one static block.
    fn fault(&self, linked: &Linked) -> Option<String> {
        let alignment = self.alignment.max(1);
        let pointer = match linked.machine {
            // ELF Handling For Thread-Local Storage, variant II: the block ends at the pointer.
            Machine::X86_64 => self.address + self.size.next_multiple_of(alignment),
            // Variant I: the block follows the thread's control block of two words.
            Machine::Aarch64 => self.address.wrapping_sub(alignment.max(16)),
        };
        (pointer != self.thread_pointer).then(|| {
            format!(
                "the thread pointer is {:#x}, not {pointer:#x}",
                self.thread_pointer
            )
        })
    }
}
