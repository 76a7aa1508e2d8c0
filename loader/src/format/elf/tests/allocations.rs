//! Reading when the heap has no room: an error, whichever allocation fails, and nothing stays.

use std::vec::Vec;

use object::elf;

use super::file::{
    Bytes, FIRST, Section, Symbol, global, group, loaded, local, not_loaded, object, relocation,
    table, words,
};
use crate::base::{Machine, failing_heap};
use crate::edge::{DataKind, EdgeKind};
use crate::format::{FormatFault, ReadOptions, read_object};
use crate::graph::{LinkGraph, Object, Origin};

/// An object with something of everything that is allocated for.
fn varied() -> Vec<u8> {
    let text = std::vec![b'x'; 4_000];
    let mut packed = words(&[1, text.len() as u64, 1]);
    packed.extend(miniz_oxide::deflate::compress_to_vec_zlib(&text, 6));
    let sections = std::vec![
        loaded(".text"),
        group(1, elf::GRP_COMDAT, &[FIRST, FIRST + 2]),
        loaded(".data"),
        relocation(FIRST, 0),
        table(elf::SHT_CREL, FIRST + 2, std::vec![1 << 3, 0b11, 1, 1]),
        Section {
            flags: elf::SHF_ALLOC.0 | elf::SHF_LINK_ORDER.0,
            link: FIRST,
            ..loaded("entries")
        },
        Section {
            flags: elf::SHF_COMPRESSED.0,
            bytes: Bytes::Own(packed),
            ..not_loaded(".debug_str")
        },
    ];
    let wide = Symbol {
        size: 1 << 40,
        ..global("wide", FIRST)
    };
    object(
        &[global("first", FIRST), wide, global("missing", 0)],
        sections,
    )
}

#[test]
fn whichever_allocation_fails_it_is_an_error_and_nothing_stays() {
    let bytes = varied();
    let before = failing_heap::live_bytes();
    let read = |count| {
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = Object {
            origin: Origin::Archive,
            ..Object::new("varied.o")
        };
        let options = ReadOptions { debug: true };
        failing_heap::fail_after(count, || {
            read_object(&mut graph, object, &bytes, options).map(|_| ())
        })
    };
    let mut failures = 0;
    while let Err(error) = read(failures) {
        assert!(matches!(error.fault, FormatFault::Heap(_)), "{error}");
        assert_eq!(failing_heap::live_bytes(), before);
        failures += 1;
        assert!(failures < 1_000);
    }
    assert!(failures > 10, "{failures}");
}

#[test]
fn what_loads_many_addresses_has_room_for_their_words() {
    let symbols = [local("one", FIRST); 64];
    // Tables of five relocations: those that are looked at stand at any place of one.
    let object_with = |is_load: fn(usize) -> bool| {
        let relocation = |place| match is_load(place) {
            true => elf::R_X86_64_GOTPCREL,
            false => elf::R_X86_64_PC32,
        };
        let mut sections = Vec::new();
        for first in (0..64 * 64 - 1).step_by(5) {
            let places = first..first + 5;
            let rows = places.map(|place| [0, 1 << 32 | u64::from(relocation(place).0), 0]);
            let rows: Vec<_> = rows.flatten().collect();
            let index = FIRST + u32::try_from(sections.len()).unwrap();
            sections.push(loaded(".text"));
            sections.push(table(elf::SHT_RELA, index, words(&rows)));
        }
        object(&symbols, sections)
    };
    // Of 64 looks, four are no more than one in sixteen.
    let few = |place: usize| !place.is_multiple_of(64) || place / 64 < 4;
    let many = |place: usize| place.is_multiple_of(64) && place / 64 < 5;
    for (is_load, words) in [(few as fn(usize) -> bool, 0), (many, 5)] {
        let bytes = object_with(is_load);
        let mut graph = LinkGraph::new(Machine::X86_64);
        let object = Object::new("a.o");
        read_object(&mut graph, object, &bytes, ReadOptions::default()).unwrap();
        let block = graph.blocks.ids().next().unwrap();
        let target = graph.symbols.ids().next().unwrap();
        let (symbols, edges) = failing_heap::fail_after(0, || {
            let symbols = (0..64).map(|_| graph.add_anonymous(block, 0, 8).is_ok());
            let symbols = symbols.take_while(|&added| added).count();
            let kind = EdgeKind::Data(DataKind::Pointer64);
            let edges = (0..64).map(|_| graph.add_edge(0, kind, target, 0).is_ok());
            (symbols, edges.take_while(|&added| added).count())
        });
        // The symbol that every table begins with counts as one that stands elsewhere, and takes no room itself.
        assert_eq!((symbols - 1, edges), (words.max(2), words.max(3)));
    }
}

#[test]
fn names_lead_to_their_own_symbols_whichever_allocation_fails() {
    let numbered = |number| std::boxed::Box::leak(std::format!("symbol {number}").into_boxed_str());
    let sections = [0, FIRST, FIRST];
    let symbols: Vec<_> = (0..300)
        .map(|number| global(numbered(number), sections[number % 3]))
        .collect();
    let mut bytes = object(&symbols, std::vec![loaded(".text")]);
    let headers = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().unwrap())).unwrap();
    // Where the header tells how many are local: the less names are expected, the oftener their table grows.
    let first_global = headers + 64 + 44;
    let mut failures = 0;
    for told in [u32::MAX, 250, 200, 1] {
        bytes[first_global..first_global + 4].copy_from_slice(&told.to_le_bytes());
        for allocations in 0.. {
            let mut graph = LinkGraph::new(Machine::X86_64);
            let read = failing_heap::fail_after(allocations, || {
                let object = Object::new("a.o");
                read_object(&mut graph, object, &bytes, ReadOptions::default()).is_ok()
            });
            graph.verify().unwrap();
            for (id, symbol) in graph.symbols.iter() {
                assert_eq!(graph.find(symbol.name), Some(id));
            }
            if read {
                break;
            }
            failures += 1;
        }
    }
    assert!(failures > 10, "{failures}");
}
